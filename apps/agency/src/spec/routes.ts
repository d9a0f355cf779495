import type { UserRole } from '#libs/directory';
import { form, formFields, letter, pdf } from './papers.js';
import { partyFields, png, thirdParty } from './parties.js';
import { reminderLine } from './reminders.js';

/** Names of what an agency owns, by which the addresses and bodies of the routes are filled in: see `filledAgency`. */
export type Owned = Readonly<
  Record<
    | 'letter'
    | 'document'
    | 'party'
    | 'proof'
    | 'filed'
    | 'filedToo'
    | 'line'
    | 'campaign'
    | 'campaignFile'
    | 'user'
    | 'apiKeyId'
    | 'invitation'
    | 'reset'
    | 'template'
    | 'templateToo'
    | 'kind'
    | 'job'
    | 'letterKind',
    string
  >
>;

type Body =
  | { readonly fields: Record<string, string> }
  | { readonly multipart: FormData | Promise<FormData> }
  | { readonly json: unknown };

/** What `isolation.spec.ts` has to know of a route to walk it. */
export interface RouteDescription {
  /** Who may use it: anybody, everybody of the agency, those who may send and keep things, or managers alone. */
  readonly for: 'everybody' | UserRole;
  /** What each parameter of the address names. */
  readonly names: Readonly<Record<string, keyof Owned>>;
  /** A valid body; it may name things, too, which are then another agency's. */
  readonly body: (owned: Owned) => Body;
  /** What the walk with another agency's names expects in place of 404, for a route that makes or finds the asker's own. */
  readonly elsewhere: number | undefined;
}

type Names = RouteDescription['names'];
type Making = Partial<Pick<RouteDescription, 'body' | 'elsewhere'>>;

const described =
  (whom: RouteDescription['for']) =>
  (names: Names = {}, { body = () => ({ fields: {} }), elsewhere }: Making = {}): RouteDescription => ({
    for: whom,
    names,
    body,
    elsewhere,
  });

/** Needs no log-in. */
const open = described('everybody');
/** Everybody of the agency, readers too. */
const shown = described('reader');
/** Managers and clerks: readers get 403. */
const kept = described('clerk');
/** Managers alone: clerks and readers get 403. */
const managed = described('manager');

const LETTER = { id: 'letter' } as const;
const PARTY = { code: 'party' } as const;
const JOB = { job: 'job' } as const;
const FILED = { id: 'filed' } as const;
const LINE = { line: 'line' } as const;
const USER = { userId: 'user' } as const;
const CAMPAIGN = { id: 'campaign' } as const;
const CAMPAIGN_FILE = { ...CAMPAIGN, sha256: 'campaignFile' } as const;
const KIND = { kind: 'kind' } as const;
const TEMPLATE = { ...KIND, name: 'template' } as const;
const TEMPLATE_TEXT = { subject: 'Objet', body: 'Texte' } as const;
const TEMPLATE_FIELDS = { nom: 'NOUVEAU', objet: 'Objet', texte: 'Texte' } as const;
const CSV = 'code;qualité;nom;e-mail\n90001;locataire;DURAND Paul;paul.durand@exemple.example\n';

const LINES = 'ligne;tiers;niveau;dossier;montant dû\nnov/90001;90001;LRAR;001;687,50\n';

function parts(texts: Record<string, string>, files: Record<string, File>): FormData {
  const data = new FormData();
  for (const [name, value] of [...Object.entries(texts), ...Object.entries(files)]) data.append(name, value);
  return data;
}

/**
 * Every route of the application, as Express writes it. Whoever adds a route describes it here, or `isolation.spec.ts` fails; whoever
 * adds a thing that an agency owns adds its name to `Owned` and makes one in `filledAgency`.
 */
export const ROUTES: Readonly<Record<string, RouteDescription>> = {
  'GET /': open(),
  'GET /health/live': open(),
  'GET /connexion': open(),
  'POST /connexion': open(),
  'GET /connexion/code': open(),
  'POST /connexion/code': open(),
  'GET /deconnexion': open(),
  'POST /deconnexion': open(),
  // Their links are good for whoever holds them, and for nothing else: see people/mailed-links.spec.ts.
  'GET /invitation/:token': open({ token: 'invitation' }),
  'POST /invitation/:token': open({ token: 'invitation' }),
  'GET /mot-de-passe': open(),
  'POST /mot-de-passe': open(),
  'GET /mot-de-passe/:token': open({ token: 'reset' }),
  'POST /mot-de-passe/:token': open({ token: 'reset' }),

  'GET /compte': shown(),
  'GET /compte/mot-de-passe': shown(),
  'POST /compte/mot-de-passe': shown(),
  'GET /compte/second-facteur': shown(),
  'POST /compte/second-facteur': shown(),
  'GET /compte/second-facteur/qr.svg': shown(),
  'GET /compte/second-facteur/confirmation': shown(),
  'POST /compte/second-facteur/confirmation': shown(),
  'GET /compte/second-facteur/desactivation': shown(),
  'POST /compte/second-facteur/desactivation': shown(),

  'GET /equipe': managed(),
  'POST /equipe/invitations': managed(
    {},
    { body: () => ({ fields: { email: 'nouveau@exemple.example', role: 'clerk' } }) },
  ),
  'POST /equipe/cles-api': managed({}, { body: () => ({ fields: { label: 'Logiciel' } }) }),
  'POST /equipe/cles-api/:keyId/revocation': managed({ keyId: 'apiKeyId' }),
  // These lead to the team's page without looking for anything.
  'GET /equipe/invitations': shown(),
  'GET /equipe/cles-api': shown(),
  'GET /equipe/cles-api/*path': shown(),
  'GET /equipe/:userId/*path': shown(USER, { elsewhere: 303 }),
  'POST /equipe/:userId/role': managed(USER, { body: () => ({ fields: { role: 'clerk' } }) }),
  'POST /equipe/:userId/desactivation': managed(USER),
  'POST /equipe/:userId/reactivation': managed(USER),
  'POST /equipe/:userId/second-facteur': managed(USER),
  'POST /equipe/:userId/deblocage': managed(USER),
  'POST /equipe/:userId/invitation': managed(USER),
  'GET /api/users': shown(),
  'GET /journal-des-actions': managed(),
  'GET /journal-des-actions/export.csv': managed(),
  'GET /api/audit-log': shown(),
  'GET /api/audit-log/export.csv': shown(),
  'POST /api/users': managed({}, { body: () => ({ json: { email: 'autre@exemple.example', role: 'clerk' } }) }),
  'GET /api/users/:userId': shown(USER),
  'PUT /api/users/:userId/role': managed(USER, { body: () => ({ json: { role: 'clerk' } }) }),
  'POST /api/users/:userId/deactivation': managed(USER),
  'POST /api/users/:userId/reactivation': managed(USER),

  'GET /lettres': shown(),
  'GET /lettres/nouvelle': kept(),
  'POST /lettres/nouvelle': kept(
    {},
    // A form that carries the id of a letter which is there already: another agency's letter must not be found by it.
    { body: ({ letter: letterId }) => ({ multipart: letterForm(letterId) }), elsewhere: 404 },
  ),
  'GET /lettres/suivi': shown(),
  'GET /lettres/export.csv': shown(),
  'GET /lettres/export.xlsx': shown(),
  'GET /lettres/archivage': shown(),
  'POST /lettres/archivage': kept({}, { body: ({ letter: lettre }) => ({ fields: { lettre } }) }),
  'GET /lettres/activation': shown(),
  'POST /lettres/activation': kept({}, { body: ({ letter: lettre }) => ({ fields: { lettre } }) }),
  'GET /lettres/:id': shown(LETTER),
  'GET /lettres/:id/suivi': shown(LETTER),
  'GET /lettres/:id/archivage': shown(LETTER),
  'POST /lettres/:id/archivage': kept(LETTER),
  'GET /lettres/:id/activation': shown(LETTER),
  'POST /lettres/:id/activation': kept(LETTER),
  'GET /lettres/:id/papier': shown(LETTER),
  'POST /lettres/:id/papier': kept(LETTER, {
    body: () => ({ fields: { street: '1 rue de la Tour', postcode: '57000', city: 'Metz' } }),
  }),
  'GET /lettres/:id/documents/:sha256': shown({ ...LETTER, sha256: 'document' }),
  'GET /lettres/:id/adresse': shown(LETTER),
  'POST /lettres/:id/adresse': kept(LETTER, { body: () => ({ fields: { email: 'autre@exemple.example' } }) }),
  'GET /api/letters': shown(),
  'GET /api/letters/export.csv': shown(),
  'GET /api/letters/export.xlsx': shown(),
  'POST /api/letters/archive': kept({}, { body: ({ letter: id }) => ({ json: { ids: [id] } }) }),
  'POST /api/letters/reactivate': kept({}, { body: ({ letter: id }) => ({ json: { ids: [id] } }) }),
  'POST /api/letters': kept({}, { body: () => ({ multipart: letterParts() }) }),
  'GET /api/letters/:id': shown(LETTER),
  'GET /api/letters/:id/documents/:sha256': shown({ ...LETTER, sha256: 'document' }),

  'GET /impression': shown(),
  'GET /impression/suivi': shown(),
  'GET /impression/telechargement': shown(),
  'POST /impression/telechargement': kept({}, { body: ({ job }) => ({ fields: { seul: job } }) }),
  'GET /impression/:job/bon': shown(JOB),
  'GET /impression/:job/expedition': shown(JOB),
  'POST /impression/:job/expedition': kept(JOB, { body: () => ({ fields: { suivi: '1A 123 456 7890 1' } }) }),
  'POST /api/letters/:id/print': kept(LETTER, { body: () => ({ json: {} }) }),
  'GET /api/print-jobs': shown(),
  'GET /api/print-jobs/:job': shown(JOB),
  'GET /api/print-jobs/:job/ticket': shown(JOB),
  'POST /api/print-jobs/download': kept({}, { body: ({ job }) => ({ json: { jobs: [job] } }) }),
  'POST /api/print-jobs/:job/dispatch': kept(JOB, { body: () => ({ json: { trackingNumber: '1A12345678901' } }) }),

  'GET /cles': shown(),
  'POST /cles': managed({}, { body: () => ({ fields: { cle: 'AAAA-BBBB' } }) }),
  'GET /api/credits': shown(),
  'POST /api/keys': managed({}, { body: () => ({ json: { key: 'AAAA-BBBB' } }) }),

  'GET /tiers': shown(),
  'GET /tiers/nouveau': kept(),
  'POST /tiers/nouveau': kept({}, { body: () => ({ fields: partyFields({ code: '90002' }) }) }),
  'GET /tiers/import': kept(),
  'POST /tiers/import': kept({}, { body: () => ({ multipart: parts({}, { file: new File([CSV], 'tiers.csv') }) }) }),
  'GET /tiers/import/confirmation': shown(),
  'POST /tiers/import/confirmation': kept(
    {},
    { body: ({ letter: importId }) => ({ multipart: parts({ content: CSV, importId }, {}) }) },
  ),
  'GET /tiers/:code': shown(PARTY),
  'GET /tiers/:code/modifier': kept(PARTY),
  'POST /tiers/:code/modifier': kept(PARTY, { body: ({ party: code }) => ({ fields: partyFields({ code }) }) }),
  // These two lead to the third party's page without looking for it; the page is not there then.
  'GET /tiers/:code/accord': shown(PARTY, { elsewhere: 303 }),
  'POST /tiers/:code/accord': kept(PARTY, {
    body: () => ({ multipart: parts({ day: '2026-01-06', how: 'letter' }, { proof: png() }) }),
  }),
  'GET /tiers/:code/retrait': shown(PARTY, { elsewhere: 303 }),
  'POST /tiers/:code/retrait': kept(PARTY, { body: () => ({ fields: { day: '2026-01-07', how: 'letter' } }) }),
  'POST /tiers/:code/archivage': kept(PARTY),
  'POST /tiers/:code/reactivation': kept(PARTY),
  'GET /tiers/:code/preuves/:sha256': shown({ ...PARTY, sha256: 'proof' }),
  'GET /documents': shown(),
  'GET /documents/nouveaux': kept(),
  'POST /documents/nouveaux': kept(
    {},
    // The answer to a third party that the agency does not have is the form with its fault.
    { body: ({ party }) => ({ multipart: filingForm({ category: 'lease', partyCode: party }) }), elsewhere: 422 },
  ),
  'GET /documents/:id': shown(FILED),
  'GET /documents/:id/fichier': shown(FILED),
  'GET /documents/:id/remplacement': shown(FILED),
  'POST /documents/:id/remplacement': kept(FILED, { body: () => ({ multipart: oneFile('document') }) }),
  'GET /documents/:id/retrait': shown(FILED),
  'GET /api/documents': shown(),
  'POST /api/documents': kept({}, { body: ({ party }) => ({ multipart: filingParts(party) }) }),
  'GET /api/documents/:id': shown(FILED),
  'GET /api/documents/:id/file': shown(FILED),
  'PUT /api/documents/:id/file': kept(FILED, { body: () => ({ multipart: oneFile('document') }) }),
  'DELETE /api/documents/:id': kept(FILED),
  // After its file and its page were looked at; whoever has removed a document does not find it again.
  'POST /documents/:id/retrait': kept({ id: 'filedToo' }),
  'GET /relances': shown(),
  'GET /relances/retrait': shown(),
  'POST /relances/retrait': kept({}, { body: ({ line: ligne }) => ({ fields: { liste: 'unpaid', ligne } }) }),
  'GET /envois': shown(),
  // A line of another agency's is none of the asker's lists: nothing is told of it, and nothing of it is sent.
  'POST /envois': kept({}, { body: ({ line: ligne }) => ({ fields: { liste: 'unpaid', ligne } }), elsewhere: 303 }),
  'GET /envois/suivi': shown(),
  'GET /envois/:id': shown(CAMPAIGN),
  'GET /envois/:id/suivi': shown(CAMPAIGN),
  'GET /envois/:id/reprise': shown(CAMPAIGN),
  'POST /envois/:id/reprise': kept(CAMPAIGN),
  'GET /envois/:id/parametres': kept(CAMPAIGN),
  'POST /envois/:id/parametres': kept(CAMPAIGN, {
    body: () => ({ fields: { retentionDays: '20', alertDays: '5', agencyEmail: 'autre@exemple.example' } }),
  }),
  'GET /envois/:id/pieces': kept(CAMPAIGN),
  'POST /envois/:id/pieces': kept(CAMPAIGN, { body: () => ({ multipart: parts({ category: 'lease' }, {}) }) }),
  'GET /envois/:id/pieces/:sha256': kept(CAMPAIGN_FILE),
  'GET /envois/:id/pieces/:sha256/retrait': shown(CAMPAIGN_FILE),
  'POST /envois/:id/pieces/:sha256/retrait': kept(CAMPAIGN_FILE),
  'GET /envois/:id/recapitulatif': kept(CAMPAIGN),
  'POST /envois/:id/recapitulatif': kept(CAMPAIGN, { body: () => ({ fields: { action: 'envoyer' } }) }),
  'GET /envois/:id/abandon': shown(CAMPAIGN),
  'POST /envois/:id/abandon': kept(CAMPAIGN),
  'GET /api/campaigns': shown(),
  'POST /api/campaigns': kept(
    {},
    { body: ({ line }) => ({ json: { list: 'unpaid', lines: [line] } }), elsewhere: 201 },
  ),
  'GET /api/campaigns/:id': shown(CAMPAIGN),
  'GET /api/campaigns/:id/letters': shown(CAMPAIGN),
  'POST /api/campaigns/:id/files': kept(CAMPAIGN, {
    body: () => ({ multipart: pdf('Règlement.pdf').then((file) => parts({}, { file })) }),
  }),
  'DELETE /api/campaigns/:id/files/:sha256': kept(CAMPAIGN_FILE),
  'POST /api/campaigns/:id/start': kept(CAMPAIGN),
  'POST /api/campaigns/:id/abandon': kept(CAMPAIGN),

  'POST /relances/apercu/:kind': shown(
    { kind: 'letterKind' },
    { body: () => ({ fields: { objet: 'Relance', texte: 'Bonjour' } }), elsewhere: 200 },
  ),
  'GET /relances/import': kept(),
  'POST /relances/import': kept(
    {},
    { body: () => ({ multipart: parts({ liste: 'unpaid' }, { file: new File([LINES], 'relances.csv') }) }) },
  ),
  'GET /relances/import/confirmation': shown(),
  'POST /relances/import/confirmation': kept(
    {},
    { body: ({ letter: importId }) => ({ multipart: parts({ liste: 'unpaid', content: LINES, importId }, {}) }) },
  ),
  'GET /relances/lignes/:line': shown(LINE),
  'GET /relances/lignes/:line/lettre': shown(LINE),
  'GET /relances/lignes/:line/retrait': shown(LINE),
  'POST /relances/lignes/:line/retrait': kept(LINE),
  'GET /relances/lignes/:line/retablissement': shown(LINE),
  'POST /relances/lignes/:line/retablissement': kept(LINE),
  'GET /api/reminders': shown(),
  'POST /api/reminders': kept({}, { body: () => ({ json: { lines: [{ lineId: 'new', ...reminderLine() }] } }) }),
  'GET /api/reminders/:line': shown(LINE),
  'GET /api/reminders/:line/document': shown(LINE),
  'POST /api/reminders/:line/withdrawal': kept(LINE),
  'POST /api/reminders/:line/reinstatement': kept(LINE),

  // A kind is everybody's; the names of templates are the agency's own.
  'GET /modeles': shown(),
  'POST /modeles/apercu/:kind': shown(KIND, { body: () => ({ fields: TEMPLATE_FIELDS }), elsewhere: 200 }),
  'GET /modeles/nouveau/:kind': managed(KIND, { elsewhere: 200 }),
  'POST /modeles/nouveau/:kind': managed(KIND, { body: () => ({ fields: TEMPLATE_FIELDS }), elsewhere: 303 }),
  'GET /modeles/:kind/:name': shown(TEMPLATE),
  'GET /modeles/:kind/:name/apercu': shown(TEMPLATE),
  'POST /modeles/:kind/:name': managed(TEMPLATE, { body: () => ({ fields: TEMPLATE_FIELDS }) }),
  'POST /modeles/:kind/:name/defaut': managed(TEMPLATE),
  'POST /modeles/:kind/:name/essai': managed(TEMPLATE),
  'POST /modeles/:kind/:name/retablissement': managed(TEMPLATE),
  'GET /modeles/:kind/:name/defaut': shown(TEMPLATE),
  'GET /modeles/:kind/:name/essai': shown(TEMPLATE),
  'GET /modeles/:kind/:name/retablissement': shown(TEMPLATE),
  'GET /modeles/:kind/:name/suppression': shown(TEMPLATE),
  'GET /api/templates': shown(),
  'POST /api/templates/:kind/preview': shown(KIND, { body: () => ({ json: TEMPLATE_TEXT }), elsewhere: 200 }),
  'GET /api/templates/:kind/:name': shown(TEMPLATE),
  'POST /api/templates/:kind/:name/default': managed(TEMPLATE),
  'POST /api/templates/:kind/:name/trial': managed(TEMPLATE),
  'DELETE /api/templates/:kind/:name': managed(TEMPLATE),
  'POST /modeles/:kind/:name/suppression': managed({ ...KIND, name: 'templateToo' }),
  // Last of them: from then on the asking agency has one of that name.
  'PUT /api/templates/:kind/:name': managed(TEMPLATE, { body: () => ({ json: TEMPLATE_TEXT }), elsewhere: 200 }),

  'GET /api/third-parties': shown(),
  'GET /api/third-parties/:code': shown(PARTY),
  'POST /api/third-parties/:code/consent': kept(PARTY, {
    body: () => ({
      multipart: parts({ consent: JSON.stringify({ givenOn: '2026-01-05', how: 'letter' }) }, { proof: png() }),
    }),
  }),
  'POST /api/third-parties/:code/consent/withdrawal': kept(PARTY, {
    body: () => ({ json: { withdrawnOn: '2026-01-07', how: 'letter' } }),
  }),
  'GET /api/third-parties/:code/proofs/:sha256': shown({ ...PARTY, sha256: 'proof' }),
  // A code is the agency's own number: two agencies may use the same one, each for a third party of its own. Last, for from then
  // on the asking agency has one of that code.
  'PUT /api/third-parties/:code': kept(PARTY, { body: () => ({ json: thirdParty() }), elsewhere: 201 }),
  // So is the id of a line.
  'PUT /api/reminders/:line': kept(LINE, { body: () => ({ json: reminderLine() }), elsewhere: 201 }),
};

async function letterForm(letterId: string): Promise<FormData> {
  return form(formFields({ letterId, partyCode: '99999' }), [await pdf('Relance.pdf')]);
}

async function oneFile(part: string): Promise<FormData> {
  return parts({}, { [part]: await pdf('Bail.pdf') });
}

async function filingForm(texts: Record<string, string>): Promise<FormData> {
  return parts(texts, { documents: await pdf('Bail.pdf') });
}

async function filingParts(partyCode: string): Promise<FormData> {
  return parts({ filing: JSON.stringify({ category: 'lease', partyCode }) }, { document: await pdf('Bail.pdf') });
}

async function letterParts(): Promise<FormData> {
  const data = new FormData();
  data.append('letter', new Blob([JSON.stringify(letter({ partyCode: '99999' }))], { type: 'application/json' }));
  data.append('document', await pdf('Relance.pdf'));
  return data;
}
