import { jsonOf, type Browser } from '../spec/clients.js';
import { letter, pdf } from '../spec/papers.js';
import { PASSWORD, RunningAgency, type Registered } from '../spec/running-agency.js';

let running: RunningAgency;
let latour: Registered;
let manager: Browser;

beforeAll(async () => {
  running = await RunningAgency.start();
  latour = await running.register('LATOUR', 'manager');
  await running.browser().submit('/connexion', { email: latour.email, password: 'faux' });
  manager = await running.signedIn(latour);
  await manager.submit('/equipe/invitations', { email: 'paul@latour.example', role: 'reader' });
  const submitted = await running.program(latour.apiKey).submit(letter(), [await pdf('Bail.pdf')]);
  const id = String(jsonOf(submitted)['id']);
  const read = jsonOf(await running.program(latour.apiKey).request(`/api/letters/${id}`));
  const [{ sha256 }] = read['documents'] as [{ sha256: string }];
  expect((await manager.get(`/lettres/${id}/documents/${sha256}`)).status).toBe(200);
});
afterAll(() => running.close());

interface Line {
  readonly who: string;
  readonly action: string;
  readonly object: string;
  readonly address: string | null;
  readonly page: string | null;
}

/** The lines once the journal shows the last deed. */
async function lines(query = ''): Promise<readonly Line[]> {
  const program = running.program(latour.apiKey);
  for (;;) {
    const all = jsonOf(await program.request('/api/audit-log'))['entries'] as Line[];
    if (all.some(({ action }) => action.startsWith('Document consulté'))) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return jsonOf(await program.request(`/api/audit-log${query}`))['entries'] as Line[];
}

test('tells who did what, with which object, failed log-ins included', async () => {
  const told = (await lines()).map(
    ({ who, action, object }) => `${who} : ${action} (${object.replace(/ [0-9a-f]{8}$/, '')})`,
  );
  expect(told).toEqual([
    'Camille Martin : Document consulté ou téléchargé (Lettre)',
    'Clé d’API logiciel : Lettre envoyée (Lettre)',
    'Camille Martin : Utilisateur invité (paul@latour.example, Consultation)',
    'Camille Martin : Connexion (Camille Martin, mot de passe)',
    'Personne non identifiée : Échec de connexion (Camille Martin, mot de passe)',
    'Exploitant du service : Clé d’activation enregistrée ()',
    'Exploitant du service : Clé d’API créée (logiciel)',
    'Exploitant du service : Utilisateur créé (Camille Martin, Gestionnaire)',
    'Exploitant du service : Agence créée ()',
  ]);
});

test('tells from where somebody came, and leads to the object', async () => {
  const [read, , , logIn] = await lines();
  expect(logIn?.address).toMatch(/^127\.0\.0\.1$|^0:0:0:0::\/64$/);
  expect((await manager.get(read?.page ?? '')).status).toBe(200);
});

test('is filtered on the page, and exported as CSV with the same filters', async () => {
  await lines();
  const page = await manager.get('/journal-des-actions?action=UserInvited');
  expect([
    page.status,
    page.text.includes('paul@latour.example'),
    page.text.includes('data-label="Action">Connexion'),
  ]).toEqual([200, true, false]);
  const csv = await manager.get('/journal-des-actions/export.csv?action=UserInvited');
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(csv.text.split('\r\n')).toEqual([
    expect.stringContaining('Date;Qui;Action;Objet;Adresse réseau'),
    expect.stringMatching(
      /^\d\d\/\d\d\/\d{4} \d\d:\d\d;Camille Martin;Utilisateur invité;paul@latour.example, Consultation;$/,
    ),
    '',
  ]);
  expect((await manager.get('/journal-des-actions?du=demain')).status).toBe(422);
  expect((await manager.get('/journal-des-actions?du=2999-01-01')).text).toContain('Aucune action ne correspond');
});

test('is not for clerks', async () => {
  const clerk = await running.addUser(latour, 'clerk');
  const browser = running.browser();
  await browser.submit('/connexion', { email: clerk.email, password: PASSWORD });
  expect((await browser.get('/journal-des-actions')).status).toBe(403);
});
