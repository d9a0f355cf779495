import writeExcelFile from 'write-excel-file/node';
import { jsonOf, type Answer, type Browser, type Program } from '../spec/clients.js';
import { pdf } from '../spec/papers.js';
import { giveConsent, png, putParty, thirdParty } from '../spec/parties.js';
import { postLines, putLine, putLineWith, reminderLine } from '../spec/reminders.js';
import { RunningAgency } from '../spec/running-agency.js';

let running: RunningAgency;
let program: Program;
let browser: Browser;

beforeAll(async () => {
  running = await RunningAgency.start();
  const latour = await running.register('LATOUR');
  program = running.program(latour.apiKey);
  browser = await running.signedIn(latour);
  await putParty(program, '40017', thirdParty());
  await giveConsent(program, '40017', png());
  await putParty(program, '40038', thirdParty({ name: 'BENSEHIL Philippe' }));
});
afterAll(() => running.close());

const read = (html: string): string =>
  html
    .replace(/^[\s\S]*<main/, '<main')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&#x27;', '’');

/** The lists show what the program has sent last. */
async function shown({ headers }: Answer, list = 'unpaid'): Promise<void> {
  const position = headers.get('pli-position') ?? '';
  const answer = jsonOf(await program.request(`/api/reminders?list=${list}&atLeast=${position}`));
  expect(answer['upToDate']).toBe(true);
}

const upload = (fields: Record<string, string>, file?: File): Promise<Answer> => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file) form.append('file', file);
  return browser.upload(file ? '/relances/import' : '/relances/import/confirmation', form);
};

/** What the preview's form carries to the confirmation. */
function carried({ text }: Answer): Record<string, string> {
  const [, content = ''] = /<textarea[^>]*>\n([\s\S]*?)<\/textarea>/.exec(text) ?? [];
  const [, importId = ''] = /name="importId" value="([^"]*)"/.exec(text) ?? [];
  const [, liste = ''] = /name="liste" value="([^"]*)"/.exec(text) ?? [];
  const plain = content.replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&amp;', '&');
  return { content: plain, importId, liste };
}

describe('the lists', () => {
  test('show each line, its third party and whether it may become a letter, with the reason', async () => {
    await shown(
      await postLines(program, [
        { lineId: 'list/1', ...reminderLine() },
        { lineId: 'list/2', ...reminderLine({ partyCode: '40038' }) },
        { lineId: 'list/3', ...reminderLine({ level: 'reminder-1', partyCode: '49999' }) },
      ]),
    );
    const page = await browser.get('/relances');
    const text = read(page.text);
    expect(text).toContain('list/1 M. et Mme CHARPENTIER Jean Luc et CHARPENTIER Marie 40017 687,50 € · octobre 2026');
    expect(text).toContain('Éligible');
    expect(text).toContain('Accord manquant : enregistrez l’accord du tiers sur sa fiche.');
    expect(text).toContain('Seul le niveau « rappel recommandé (LRAR) » part en lettre recommandée électronique.');
    expect(page.text).toContain('<input type="checkbox" name="ligne" value="list/1"');
    expect(read((await browser.get('/relances?lre=yes&recherche=list')).text)).not.toContain('list/2');
    expect(read((await browser.get('/relances?recherche=bensehil')).text)).toContain('list/2');
    expect(read((await browser.get('/relances?liste=owner-insurance')).text)).toContain('Rien à relancer');
    expect(read((await browser.get('/relances?niveau=bailiff')).text)).toContain('Aucune ligne ne correspond');
    expect((await browser.get('/relances?niveau=x')).status).toBe(422);
  });

  test('let ticked lines be withdrawn, and one of them reinstated on its page', async () => {
    await shown(await postLines(program, [{ lineId: 'out/1', ...reminderLine() }]));
    const done = await browser.submit('/relances/retrait', { liste: 'unpaid', ligne: 'out/1' });
    expect([done.status, done.headers.get('location')]).toEqual([303, '/relances']);
    expect(read((await browser.get('/relances?recherche=out')).text)).toContain('Aucune ligne');
    const line = await browser.get('/relances/lignes/out%2F1');
    expect(read(line.text)).toContain('Ligne retirée de la liste');
    await browser.submit('/relances/lignes/out%2F1/retablissement', {});
    expect(read((await browser.get('/relances?recherche=out')).text)).toContain('out/1');
  });
});

describe('the letter of a line', () => {
  test('is shown as it would go out, from the template or as it was supplied', async () => {
    await putLine(program, 'letter/1', reminderLine());
    const printed = await browser.get('/relances/lignes/letter%2F1/lettre');
    expect([printed.status, printed.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(printed.bytes.subarray(0, 5).toString()).toBe('%PDF-');
    const supplied = await pdf('Relance.pdf');
    await putLineWith(program, 'letter/2', supplied, reminderLine());
    const answer = await browser.get('/relances/lignes/letter%2F2/lettre');
    expect(answer.bytes.equals(Buffer.from(await supplied.arrayBuffer()))).toBe(true);
  });

  test('cannot be shown for somebody who is not in the directory', async () => {
    await putLine(program, 'letter/3', reminderLine({ partyCode: '49999' }));
    expect((await browser.get('/relances/lignes/letter%2F3/lettre')).status).toBe(404);
    expect(read((await browser.get('/relances/lignes/letter%2F3')).text)).toContain(
      'Aucune fiche ne porte le code 49999',
    );
  });
});

describe('the letter of a template that is being written', () => {
  const preview = (fields: Record<string, string>, kind = 'letter-unpaid'): Promise<Answer> =>
    browser.submit(`/relances/apercu/${kind}`, { objet: 'Rappel', texte: 'Vous devez {{montantDu}}.', ...fields });

  test('is a PDF for the frame of its page, of an example or of a line', async () => {
    await putLine(program, 'preview/1', reminderLine());
    for (const ligne of ['', 'preview/1']) {
      const answer = await preview({ ligne });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
      expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
    }
  });

  test('is not there for a fault, which is told with its line, nor for a line of another list', async () => {
    const faulty = await preview({ texte: 'Bonjour,\n{{loyers}}' });
    expect([faulty.status, faulty.text]).toEqual([422, expect.stringContaining('Ligne 2 : le champ « loyers »')]);
    expect(faulty.headers.get('content-security-policy')).toContain('sandbox');
    await putLine(program, 'preview/1', reminderLine());
    const other = await preview({ texte: 'Bonjour', ligne: 'preview/1' }, 'letter-insurance');
    expect([other.status, other.text]).toEqual([422, expect.stringContaining('n’a pas de ligne de ce numéro')]);
    expect((await preview({ texte: 'Bonjour', ligne: 'nothing' })).status).toBe(422);
    expect((await preview({}, 'mail-refusal')).status).toBe(404);
  });

  test('waits for the one before', async () => {
    const answers = await Promise.all([preview({}), preview({}), preview({})]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

const CSV = `Ligne;Tiers;Niveau;Dossier;Montant dû;Date limite;Gestionnaire
imp/1;40017;LRAR;001;687,50;15/12/2026;Camille
imp/2;40038;rappel simple 1;001;1.234;demain;Camille
imp/3;;avocat;001;12;;Camille
imp/1;40017;LRAR;001;12;;Camille
`;

describe('the import', () => {
  test('previews every faulty line with its columns, then takes the others, once', async () => {
    const preview = await upload({ liste: 'unpaid' }, new File([CSV], 'relances.csv'));
    const text = read(preview.text);
    expect(preview.status).toBe(200);
    expect(text).toContain('1 à ajouter, 0 à corriger, 0 sans changement, 3 en erreur');
    expect(text).toContain('Colonnes ignorées : Gestionnaire.');
    expect(text).toContain('3 imp/2 40038 Montant dû – « 1.234 » n’est pas un montant');
    expect(text).toContain('Date limite – « demain » n’est pas une date');
    expect(text).toContain('Niveau – Le niveau « avocat » est inconnu');
    expect(text).toContain('Tiers – Indiquez le code du tiers');
    expect(text).toContain('Ligne – Le numéro « imp/1 » figure déjà à la ligne 2');
    expect((await program.request('/api/reminders/imp%2F1')).status).toBe(404);

    const result = await upload(carried(preview));
    expect(read(result.text)).toContain('Lignes ajoutées : 1, corrigées : 0, sans changement : 0, en erreur : 3.');
    expect(result.text.match(/<\/html>/g)).toHaveLength(1);
    expect(read((await browser.get('/relances?recherche=imp')).text)).toContain('imp/1');
    const first = jsonOf(await program.request('/api/reminders/imp%2F1'));
    await upload(carried(preview));
    expect(jsonOf(await program.request('/api/reminders/imp%2F1'))).toEqual(first);
    const again = await upload({ liste: 'unpaid' }, new File([CSV.replace('687,50', '700')], 'relances.csv'));
    expect(read(again.text)).toContain('0 à ajouter, 1 à corriger');
  });

  test('reads a workbook', async () => {
    const rows = [
      ['Ligne', 'Propriétaire', 'Niveau', 'Dossier', 'Bien loué', 'Date limite'],
      [
        'pno/1',
        40213,
        3,
        '001',
        '12 rue des Clercs',
        { value: new Date(Date.UTC(2026, 11, 15)), format: 'dd/mm/yyyy' },
      ],
    ];
    const bytes = await writeExcelFile(rows as never).toBuffer();
    const preview = await upload({ liste: 'owner-insurance' }, new File([new Uint8Array(bytes)], 'pno.xlsx'));
    expect(read(preview.text)).toContain('1 à ajouter');
    await upload(carried(preview));
    expect(jsonOf(await program.request('/api/reminders/pno%2F1'))).toMatchObject({
      list: 'owner-insurance',
      partyCode: '40213',
      level: 'registered',
      data: { bien: '12 rue des Clercs', dateLimite: '2026-12-15' },
    });
  });

  test('refuses a file as a whole on its form', async () => {
    const answer = await upload({ liste: 'insurance' }, new File(['a;b\n1;2'], 'x.csv'));
    expect([answer.status, read(answer.text)]).toEqual([422, expect.stringContaining('Les colonnes « Ligne »')]);
    expect(answer.text).toContain('name="liste" value="insurance"');
    expect((await upload({ liste: 'unpaid' }, new File([new Uint8Array(3 << 20)], 'x.csv'))).status).toBe(413);
    expect((await upload({ liste: 'unpaid', content: CSV, importId: 'x' })).status).toBe(422);
  });

  test('tells how far it is, line after line, before its result', async () => {
    const many = Array.from({ length: 300 }, (_, index) => `many/${index};40017;LRAR;001;${index},00`);
    const csv = ['Ligne;Tiers;Niveau;Dossier;Montant dû', ...many].join('\n');
    const preview = await upload({ liste: 'unpaid' }, new File([csv], 'relances.csv'));
    const { text } = await upload(carried(preview));
    expect(text.indexOf('lignes sur 300')).toBeGreaterThan(0);
    expect(text.indexOf('lignes sur 300')).toBeLessThan(text.indexOf('Import terminé'));
    expect(read(text)).toContain('Lignes ajoutées : 300');
    expect(read(text)).toContain('… et 200 autres.');
  });
});
