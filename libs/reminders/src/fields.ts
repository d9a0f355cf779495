import type { LineData, ReminderList } from './events.js';

/** A field of a line that a letter's template may print. */
export interface LineField {
  /** As templates and programs call it. */
  readonly key: string;
  /** As pages and files call it. */
  readonly label: string;
  readonly type: 'text' | 'amount' | 'day';
  readonly required: boolean;
  /** A value as somebody would write it. */
  readonly example: string;
}

const LONGEST_TEXT = 200;
const LARGEST_EUROS = 9_999_999;

const premises = (required: boolean): LineField => ({
  key: 'bien',
  label: 'Bien loué',
  type: 'text',
  required,
  example: 'Appartement B12, 12 rue des Clercs, 57000 Metz',
});
const amount = (key: string, label: string, example: string, required = false): LineField => ({
  key,
  label,
  type: 'amount',
  required,
  example,
});
const day = (key: string, label: string, example: string): LineField => ({
  key,
  label,
  type: 'day',
  required: false,
  example,
});

/** What each list knows of a line, beside its number, level, third party and dossier. */
export const lineFields: Readonly<Record<ReminderList, readonly LineField[]>> = {
  unpaid: [
    premises(false),
    { key: 'periode', label: 'Période', type: 'text', required: false, example: 'octobre 2026' },
    amount('loyer', 'Loyer', '780,00'),
    amount('charges', 'Charges', '95,00'),
    amount('frais', 'Frais', '12,50'),
    amount('reglements', 'Règlements', '200,00'),
    amount('montantDu', 'Montant dû', '687,50', true),
    day('dateLimite', 'Date limite', '15/12/2026'),
  ],
  insurance: [
    premises(false),
    {
      key: 'justificatif',
      label: 'Justificatif',
      type: 'text',
      required: true,
      example: 'attestation d’assurance habitation',
    },
    day('dateEcheance', 'Date d’échéance', '31/10/2026'),
    day('dateLimite', 'Date limite', '15/12/2026'),
  ],
  'owner-insurance': [
    premises(true),
    { key: 'lot', label: 'Lot', type: 'text', required: false, example: '12' },
    day('dateEcheance', 'Date d’échéance', '31/10/2026'),
    day('dateLimite', 'Date limite', '15/12/2026'),
  ],
};

/** What is wrong with one field. */
export interface LineFault {
  readonly key: string;
  readonly message: string;
}

/**
 * Reads the fields of a line as people or programs write them: amounts with comma or point, days as `14/03/2026` or `2026-03-14`. What is
 * empty is absent.
 *
 * @returns the data as it is stored, or every fault; a key that the list does not have is one.
 */
export function readLineData(
  list: ReminderList,
  texts: Readonly<Partial<Record<string, string>>>,
): { readonly data: LineData } | { readonly faults: readonly LineFault[] } {
  const fields = lineFields[list];
  const unknown = Object.keys(texts).filter((key) => !fields.some((field) => field.key === key));
  const read = fields.map((field) => ({ field, value: readField(field, (texts[field.key] ?? '').trim()) }));
  const faults = [
    ...read.flatMap(({ field: { key }, value }) =>
      value !== undefined && 'fault' in value ? [{ key, message: value.fault }] : [],
    ),
    ...unknown.map((key) => ({ key, message: 'Ce champ n’existe pas dans cette liste : retirez-le.' })),
  ];
  if (faults.length > 0) return { faults };
  const entries = read.flatMap(({ field, value }) => (value && 'text' in value ? [[field.key, value.text]] : []));
  return { data: Object.fromEntries(entries) as LineData };
}

type Read = { readonly text: string } | { readonly fault: string } | undefined;

function readField({ type, required, example }: LineField, text: string): Read {
  if (text === '')
    return required ? { fault: `Cette valeur manque : indiquez-la, par exemple ${example}.` } : undefined;
  const value = type === 'amount' ? amountOf(text) : type === 'day' ? dayOf(text) : lineOf(text);
  return value === undefined ? { fault: faultOf(type, text, example) } : { text: value };
}

function faultOf(type: LineField['type'], text: string, example: string): string {
  const said = `« ${text.length > 40 ? `${text.slice(0, 40)}…` : text} »`;
  if (type === 'amount') return `${said} n’est pas un montant : écrivez-le en euros, par exemple ${example}.`;
  if (type === 'day') return `${said} n’est pas une date : écrivez-la par exemple ${example}.`;
  return `Ce texte est trop long : écrivez-le sur une ligne de ${LONGEST_TEXT} caractères au plus.`;
}

const lineOf = (text: string): string | undefined =>
  text.length <= LONGEST_TEXT && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text) ? text.normalize('NFC') : undefined;

const PLAIN = /^(\d{1,7})(?:[.,](\d{1,2}))?$/;
const GROUPED = /^(\d{1,3}([.,])\d{3}(?:\2\d{3})*)(?:(?!\2)[.,](\d{1,2}))?$/;
/** 1 234 or 1,234? Nobody knows. */
const AMBIGUOUS = /^\d{1,3}[.,]\d{3}$/;

/** Euros and cents as `1234.56`: one or two digits behind a comma or point are the cents, three and three behind the same sign are thousands. */
function amountOf(text: string): string | undefined {
  const bare = text.replace(/[\s'’]|€$|EUR$/giu, '');
  if (AMBIGUOUS.test(bare)) return undefined;
  const [, plain, plainCents] = PLAIN.exec(bare) ?? [];
  const [, grouped, , groupedCents] = GROUPED.exec(bare) ?? [];
  const euros = (plain ?? grouped)?.replace(/[.,]/g, '');
  if (euros === undefined || Number(euros) > LARGEST_EUROS) return undefined;
  return `${Number(euros)}.${(plainCents ?? groupedCents ?? '').padEnd(2, '0')}`;
}

/** A day of the calendar as `2026-03-14`. */
function dayOf(text: string): string | undefined {
  const [, day, month, year] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text) ?? [];
  const written =
    year === undefined ? text : `${year}-${(month ?? '').padStart(2, '0')}-${(day ?? '').padStart(2, '0')}`;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(written)) return undefined;
  const date = new Date(`${written}T00:00:00.000Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(written) ? written : undefined;
}

const EUROS = new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' });
const DAY = new Intl.DateTimeFormat('fr-FR', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' });

/** One value as people read it: `1 234,56 €`, `1er mars 2026`. */
function shown({ type }: LineField, value: string): string {
  if (type === 'amount') return EUROS.format(Number(value));
  return type === 'day' ? DAY.format(new Date(`${value}T00:00:00.000Z`)).replace(/^1 /, '1er ') : value;
}

/** Every field of a list with its value as people read it, in the order of the list; an absent one is empty. */
export function shownData(list: ReminderList, data: LineData): readonly (LineField & { readonly value: string })[] {
  return lineFields[list].map((field) => {
    const value = data[field.key];
    return { ...field, value: value === undefined ? '' : shown(field, value) };
  });
}

/** A line of a list in which every field is filled in, for whoever writes its letter. */
export function exampleData(list: ReminderList): LineData {
  const read = readLineData(list, Object.fromEntries(lineFields[list].map(({ key, example }) => [key, example])));
  return 'data' in read ? read.data : {};
}
