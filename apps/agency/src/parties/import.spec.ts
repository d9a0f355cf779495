import { jsonOf, type Answer, type Browser, type Program } from '../spec/clients.js';
import { giveConsent, png, putParty, thirdParty } from '../spec/parties.js';
import { RunningAgency } from '../spec/running-agency.js';

let running: RunningAgency;
let browser: Browser;
let program: Program;

beforeEach(async () => {
  running = await RunningAgency.start();
  const latour = await running.register('9998');
  browser = await running.signedIn(latour);
  program = running.program(latour.apiKey);
});
afterEach(() => running.close());

const csv = (...lines: string[]) => new File([lines.join('\r\n')], 'tiers.csv', { type: 'text/csv' });

function preview(file: File, by = browser): Promise<Answer> {
  const form = new FormData();
  form.append('file', file);
  return by.upload('/tiers/import', form);
}

const unescaped = (text: string) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#x3D;', '=')
    .replaceAll('&amp;', '&');

/** Sends the preview's form as a browser does. */
function confirm({ text }: Answer, by = browser): Promise<Answer> {
  const form = new FormData();
  form.append('content', unescaped(/<textarea[^>]*>\n([\s\S]*?)<\/textarea>/.exec(text)?.[1] ?? ''));
  form.append('importId', /name="importId" value="([^"]+)"/.exec(text)?.[1] ?? '');
  return by.upload('/tiers/import/confirmation', form);
}

/** The rows of the page's tables, as the texts of their cells. */
const rowsOf = ({ text }: Answer) =>
  [...text.matchAll(/<tr><td[\s\S]*?<\/tr>/g)].map(([row]) =>
    [...row.matchAll(/<td[^>]*>([\s\S]*?)<\/td>/g)].map(([, cell = '']) =>
      unescaped(cell.replace(/<[^>]+>/g, ' ').trim()),
    ),
  );
const show = async (code: string) => jsonOf(await program.request(`/api/third-parties/${code}`));

const HEADER = 'Code;Qualité;Civilité;Nom;Second nom;E-mail;Mobile;Adresse;Code postal;Ville;Professionnel';
const charpentier =
  '40017;Locataire;M. et Mme;CHARPENTIER Jean Luc;CHARPENTIER Marie;jl.charpentier@exemple.example;06 12 34 56 78;1 rue de la Tour;57000;Metz;non';

describe('the import of third parties', () => {
  test('tells what it will do and every faulty line with its reasons, does it when confirmed, and not twice', async () => {
    await putParty(program, '40017', thirdParty());
    await putParty(
      program,
      '40035',
      thirdParty({ name: 'GALLISSOT Philippe', secondName: null, email: 'ancien@exemple.example' }),
    );
    await browser.get('/tiers/40017');
    const latest = (await putParty(program, '40099', thirdParty())).headers.get('pli-position') ?? '';
    await program.request(`/api/third-parties?atLeast=${latest}`);

    const file = csv(
      HEADER,
      charpentier,
      '40035;propriétaire;M. et Mme;GALLISSOT Philippe;;p.gallissot@exemple.example;06 12 34 56 78;1 rue de la Tour;57000;Metz;oui',
      '40213;Propriétaire;Mme;ROSE <Armance>;;a.rose@exemple.example;+34601020304;;;;',
      '40214;Gardien;;;;x;0712345678;;;;peut-être',
      '40213;Locataire;Mme;ROSE;;a.rose@exemple.example;;;;;',
    );
    const seen = await preview(file);
    expect(seen.status).toBe(200);
    expect(seen.text).toContain('1 à créer, 1 à modifier, 1 sans changement, 2 en erreur');
    const rows = rowsOf(seen);
    const faults = rows.filter(([line]) => line === '5' || line === '6');
    expect(faults[0]?.[3]).toMatch(
      /« Gardien » : écrivez locataire ou propriétaire.*peut-être.*Indiquez le nom.*e-mail.*mobile attribué/s,
    );
    expect(faults[1]?.[3]).toContain('figure déjà à la ligne 4');
    expect(rows).toContainEqual(['4', '40213', 'ROSE <Armance>', 'a.rose@exemple.example']);
    expect(rows.find(([line]) => line === '3')?.[3]).toMatch(
      /qualité « locataire » devient « propriétaire ».*professionnel « non » devient « oui ».*« ancien@/s,
    );
    expect((await program.request('/api/third-parties/40213')).status).toBe(404);

    const done = await confirm(seen);
    expect(done.text).toContain('Fiches créées : 1, modifiées : 1, sans changement : 1, lignes en erreur : 2.');
    expect(await show('40213')).toMatchObject({
      name: 'ROSE <Armance>',
      mobile: '+34601020304',
      kind: 'owner',
      address: null,
    });
    expect(await show('40035')).toMatchObject({
      email: 'p.gallissot@exemple.example',
      professional: true,
      kind: 'owner',
    });
    expect((await program.request('/api/third-parties/40214')).status).toBe(404);
    expect((await browser.get('/tiers')).text).toContain('ROSE &lt;Armance&gt;');

    expect((await browser.get('/tiers/import/confirmation')).headers.get('location')).toBe('/tiers/import');
    await confirm(seen);
    const again = await preview(file);
    expect(again.text).toContain('0 à créer, 0 à modifier, 3 sans changement, 2 en erreur');
    expect(again.text).toContain('Il n’y a rien à importer');
    for (const code of ['40213', '40017']) expect((await show(code))['events']).toHaveLength(1);
    expect((await show('40035'))['events']).toHaveLength(2);
  });

  test('leaves alone what the file has no column for, empties what it has an empty cell for, and never touches a consent', async () => {
    await putParty(program, '40017', thirdParty());
    const position = (await giveConsent(program, '40017', png())).headers.get('pli-position') ?? '';
    await program.request(`/api/third-parties?atLeast=${position}`);
    await confirm(await preview(csv('code,e-mail,mobile', '40017,neuf@exemple.example,')));
    expect(await show('40017')).toMatchObject({
      email: 'neuf@exemple.example',
      mobile: null,
      secondName: 'CHARPENTIER Marie',
      address: { city: 'Metz' },
      consent: { status: 'given' },
    });
  });

  test('keeps the accents of a file that Windows wrote', async () => {
    const bytes = Buffer.from(
      'code;qualité;nom;e-mail\r\n1;propriétaire;ÉLUARD Bénédicte;b@exemple.example\r\n',
      'latin1',
    );
    await confirm(await preview(new File([bytes], 'tiers.csv')));
    expect(await show('1')).toMatchObject({ name: 'ÉLUARD Bénédicte', kind: 'owner' });
  });

  test('does not change an archived third party, and says so', async () => {
    await putParty(program, '40017', thirdParty());
    await browser.submit('/tiers/40017/archivage', {});
    const seen = await preview(csv('code;e-mail', '40017;neuf@exemple.example'));
    expect(rowsOf(seen)[0]?.[3]).toContain('réactivez-le');
  });

  test('takes more lines than are carried out at once', async () => {
    const lines = Array.from(
      { length: 301 },
      (_, index) => `T${index};locataire;NOM ${index};t${index}@exemple.example`,
    );
    const done = await confirm(await preview(csv('code;qualité;nom;e-mail', ...lines)));
    expect(done.text).toContain('Fiches créées : 301, modifiées : 0, sans changement : 0, lignes en erreur : 0.');
  });

  test('refuses a file as a whole with a sentence beside the field', async () => {
    for (const [file, status, sentence] of [
      [csv('nom', 'ROSE'), 422, '« code » manque'],
      [csv(''), 422, 'vide'],
      [new File([Buffer.alloc(1024 * 1024 + 1)], 'gros.csv'), 413, '1 Mo'],
    ] as const) {
      const answer = await preview(file);
      expect([answer.status, /id="file-fault"[^>]*>([^<]+)/.exec(answer.text)?.[1]]).toEqual([
        status,
        expect.stringContaining(sentence),
      ]);
    }
    expect((await browser.upload('/tiers/import', new FormData())).status).toBe(422);
    expect((await browser.upload('/tiers/import/confirmation', new FormData())).status).toBe(422);
  });

  test('is of one agency only', async () => {
    await confirm(await preview(csv(HEADER, charpentier)));
    const stranger = await running.signedIn(await running.register('VOISINE'));
    const seen = await preview(csv(HEADER, charpentier), stranger);
    expect(seen.text).toContain('1 à créer');
    await confirm(seen, stranger);
    expect((await show('40017'))['events']).toHaveLength(1);
  });
});
