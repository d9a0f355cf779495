import { levelLabels, lineFields, type ReminderLevel, type ReminderList } from '#libs/reminders';
import { bare, columnsOf, csvLines, faultOfLength, TableRefused, type TableLine } from '../tables/table-file.js';

/** Lines of reminders in one file. */
export const MOST_LINES = 5_000;

/** A column of the file: what every line has, or a field of its list, by its key. */
export interface Column {
  readonly field: string;
  /** As people call it. */
  readonly label: string;
  readonly required: boolean;
  /** What else the header may say; accents, case and signs do not count. */
  readonly names: readonly string[];
}

const OWN: readonly Column[] = [
  {
    field: 'lineId',
    label: 'Ligne',
    required: true,
    names: ['numeroligne', 'numerodeligne', 'nligne', 'idligne', 'id', 'numero', 'n', 'no', 'numerorelance'],
  },
  {
    field: 'partyCode',
    label: 'Tiers',
    required: true,
    names: [
      'code',
      'codetiers',
      'numerotiers',
      'locataire',
      'codelocataire',
      'nlocataire',
      'proprietaire',
      'codeproprietaire',
    ],
  },
  {
    field: 'level',
    label: 'Niveau',
    required: true,
    names: ['niveauderelance', 'niveaurelance', 'relance', 'typederelance', 'lettre'],
  },
  { field: 'dossier', label: 'Dossier', required: true, names: ['codedossier', 'numerodossier', 'ndossier'] },
];

const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  bien: ['bien', 'logement', 'adressedubien', 'immeuble', 'lotloue'],
  periode: ['mois', 'echeance', 'terme'],
  loyer: ['loyers'],
  charges: ['provision', 'provisions', 'provisionsurcharges'],
  frais: ['fraisderelance'],
  reglements: ['reglement', 'reglementsrecus', 'acompte', 'acomptes', 'paye'],
  montantDu: ['montant', 'solde', 'soldedu', 'du', 'total', 'totaldu', 'reste', 'restedu', 'impaye'],
  justificatif: ['document', 'piece', 'justificatifattendu'],
  dateEcheance: ['echeance', 'echeancedu', 'fin', 'finvalidite'],
  dateLimite: ['limite', 'avantle', 'aregleravantle', 'afourniravantle'],
  lot: ['numerolot', 'numerodelot', 'nlot'],
};

/** The columns of a list's file. */
export const columnsOfList = (list: ReminderList): readonly Column[] => [
  ...OWN,
  ...lineFields[list].map(({ key, label, required }) => ({
    field: key,
    label,
    required,
    names: [bare(key), ...(OTHER_NAMES[key] ?? [])],
  })),
];

/** A line of the file: only the columns that the file has. */
export interface FileLine {
  readonly line: number;
  readonly texts: Readonly<Partial<Record<string, string>>>;
  /** What is wrong with the line itself, before its fields are looked at. */
  readonly fault: string | undefined;
}

export interface ReminderFile {
  readonly lines: readonly FileLine[];
  /** Headers that mean nothing here, as they are written. */
  readonly ignored: readonly string[];
}

/**
 * Reads the lines of a list from CSV.
 *
 * @throws TableRefused
 */
export function readReminderFile(list: ReminderList, text: string): ReminderFile {
  const [header, ...records] = csvLines(text);
  if (!header) {
    throw new TableRefused('Ce fichier est vide : choisissez un fichier dont la première ligne nomme les colonnes.');
  }
  const columns = columnsOfList(list);
  const fields = columnsOf(header.cells, fieldsByHeader(columns));
  const missing = columns.filter(({ field, required }) => required && !fields.includes(field));
  if (missing.length > 0) throw new TableRefused(sentenceOfMissing(missing.map(({ label }) => label)));
  if (records.length === 0) {
    throw new TableRefused('Ce fichier ne contient que ses en-têtes : ajoutez une ligne par relance.');
  }
  if (records.length > MOST_LINES) {
    throw new TableRefused(
      `Ce fichier compte ${records.length} lignes : partagez-le en fichiers de ${MOST_LINES} lignes au plus.`,
    );
  }
  const ignored = header.cells.filter((name, index) => name !== '' && fields[index] === undefined);
  return { lines: records.map((record) => lineOf(record, fields)), ignored };
}

const fieldsByHeader = (columns: readonly Column[]): ReadonlyMap<string, string> =>
  new Map(
    // A label counts before what else another column may be called.
    [
      ...columns.flatMap(({ field, names }) => names.map((name) => [name, field] as const)),
      ...columns.map(({ field, label }) => [bare(label), field] as const),
    ],
  );

function sentenceOfMissing(labels: readonly string[]): string {
  const [first = ''] = labels;
  const named = labels.map((label) => `« ${label} »`).join(', ');
  return labels.length === 1
    ? `La colonne « ${first} » manque : la première ligne du fichier doit nommer les colonnes.`
    : `Les colonnes ${named} manquent : la première ligne du fichier doit nommer les colonnes.`;
}

function lineOf(record: TableLine, fields: readonly (string | undefined)[]): FileLine {
  const { line, cells } = record;
  const entries = fields.flatMap((field, index) => (field ? [[field, cells[index] ?? ''] as const] : []));
  return { line, texts: Object.fromEntries(entries), fault: faultOfLength(record, fields.length) };
}

/** What a cell may say of the level (manual IV.2, « Lettres de relances »). */
const LEVELS: Readonly<Record<string, ReminderLevel>> = {
  ...Object.fromEntries(
    (Object.entries(levelLabels) as [ReminderLevel, string][]).flatMap(([level, label]) => [
      [bare(level), level],
      [bare(label), level],
    ]),
  ),
  relancesimple1: 'reminder-1',
  rappel1: 'reminder-1',
  '1': 'reminder-1',
  relancesimple2: 'reminder-2',
  rappel2: 'reminder-2',
  '2': 'reminder-2',
  rappelrecommande: 'registered',
  recommande: 'registered',
  lrar: 'registered',
  lre: 'registered',
  '3': 'registered',
  commandement: 'bailiff',
  huissier: 'bailiff',
  commandementdhuissier: 'bailiff',
  '4': 'bailiff',
};

/** The level that a cell names, or undefined. */
export const levelOf = (cell: string): ReminderLevel | undefined =>
  Object.hasOwn(LEVELS, bare(cell)) ? LEVELS[bare(cell)] : undefined;
