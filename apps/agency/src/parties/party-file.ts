import { CsvError, parse } from 'csv-parse/sync';
import type { PartyField, PartyTexts } from './party-form.js';

/** Lines of third parties in one file. */
const MOST_LINES = 2_000;

/** The file as a whole cannot be read; its message says in French what to do. */
export class PartyFileRefused extends Error {
  readonly code = 'PARTY_FILE_REFUSED';
}

/** A line of the file: its number as people count, from 1 for the header; only the columns that the file has. */
export interface FileLine {
  readonly line: number;
  readonly texts: PartyTexts;
  /** What is wrong with the line itself, before its fields are looked at. */
  readonly faults: readonly string[];
}

export interface PartyFile {
  readonly lines: readonly FileLine[];
  /** Headers that mean nothing here, as they are written. */
  readonly ignored: readonly string[];
}

/** What a column may be called; accents, case and signs do not count. */
const HEADERS: Readonly<Record<PartyField, readonly string[]>> = {
  code: ['code', 'codetiers', 'numero', 'numerotiers', 'no', 'n'],
  kind: ['qualite', 'type', 'typedetiers'],
  professional: ['professionnel', 'pro'],
  civility: ['civilite', 'titre'],
  name: ['nom', 'nometprenom', 'nomprenom', 'raisonsociale'],
  secondName: ['secondnom', 'nom2', 'conjoint', 'nomduconjoint', 'colocataire'],
  email: ['email', 'adressemail', 'adresseemail', 'mail', 'courriel'],
  mobile: ['mobile', 'telephonemobile', 'portable', 'telephoneportable', 'telmobile'],
  street: ['adresse', 'rue', 'voie', 'adressepostale'],
  complement: ['complement', 'complementadresse', 'complementdadresse'],
  postcode: ['codepostal', 'cp'],
  city: ['ville', 'commune'],
  country: ['pays'],
};

/** A text without accents, case, blanks and signs. */
const bare = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

const FIELD_OF_HEADER = new Map(
  Object.entries(HEADERS).flatMap(([field, names]) => names.map((name) => [name, field as PartyField])),
);

/** UTF-8, else what Windows programs write in France, in which every byte means something. */
export function decodedText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/**
 * Reads a CSV file (RFC 4180, with `;` or `,`) of third parties.
 *
 * @throws PartyFileRefused
 */
export function readPartyFile(text: string): PartyFile {
  const [header, ...records] = recordsOf(text);
  if (!header)
    throw new PartyFileRefused(
      'Ce fichier est vide : choisissez un fichier CSV dont la première ligne nomme les colonnes.',
    );
  const fields = fieldsOf(header.cells);
  if (records.length === 0)
    throw new PartyFileRefused('Ce fichier ne contient que ses en-têtes : ajoutez une ligne par tiers.');
  if (records.length > MOST_LINES) {
    throw new PartyFileRefused(
      `Ce fichier compte ${records.length} tiers : partagez-le en fichiers de ${MOST_LINES} lignes au plus.`,
    );
  }
  const ignored = header.cells.filter((name, index) => name !== '' && fields[index] === undefined);
  return { lines: records.map((record) => lineOf(record, fields)), ignored };
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

function recordsOf(original: string): readonly CsvRecord[] {
  // One sign for the end of a line, so that the parser counts a line of a quoted cell once.
  const text = original.replace(/\r\n?/g, '\n');
  const [first = ''] = text.split('\n', 1);
  const delimiter = first.split(';').length >= first.split(',').length ? ';' : ',';
  const options = {
    delimiter,
    bom: true,
    info: true,
    trim: true,
    relax_column_count: true,
    relax_quotes: true,
  } as const;
  try {
    // With `info` each record comes with where it was read; the types do not say so.
    const records = parse(text, { ...options, skip_empty_lines: true }) as unknown as {
      readonly record: string[];
      readonly info: { readonly lines: number };
    }[];
    return records
      .map(({ record, info }) => ({ line: info.lines, cells: record }))
      .filter(({ cells }) => cells.some((cell) => cell !== ''));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new PartyFileRefused(csvFault(error));
  }
}

function csvFault(error: CsvError): string {
  const line = Number((error as { lines?: unknown }).lines);
  const place = Number.isInteger(line) ? ` à la ligne ${line}` : '';
  return error.code === 'CSV_QUOTE_NOT_CLOSED'
    ? `Un guillemet ouvert n’est jamais refermé${place} : corrigez-le, puis choisissez de nouveau le fichier.`
    : `Ce fichier n’est pas un CSV lisible${place} : enregistrez-le au format CSV, puis choisissez-le de nouveau.`;
}

function fieldsOf(header: readonly string[]): readonly (PartyField | undefined)[] {
  const fields = header.map((name) => FIELD_OF_HEADER.get(bare(name)));
  if (!fields.includes('code')) {
    throw new PartyFileRefused('La colonne « code » manque : la première ligne du fichier doit nommer les colonnes.');
  }
  const twice = header.find((_name, index) => fields[index] && fields.indexOf(fields[index]) < index);
  if (twice !== undefined) {
    throw new PartyFileRefused(`La colonne « ${twice} » figure deux fois : gardez-en une seule.`);
  }
  return fields;
}

function lineOf({ line, cells }: CsvRecord, fields: readonly (PartyField | undefined)[]): FileLine {
  const isCut = cells.length < fields.length || cells.slice(fields.length).some((cell) => cell !== '');
  const faults = isCut ? [`La ligne compte ${cells.length} colonnes au lieu de ${fields.length}.`] : [];
  const entries = fields.flatMap((field, index) => (field ? [[field, cells[index] ?? ''] as const] : []));
  const texts = Object.fromEntries(entries) as PartyTexts;
  const kind = texts.kind === undefined ? {} : wordOf('qualité', KINDS, texts.kind);
  const professional = texts.professional === undefined ? {} : wordOf('professionnel', YES_OR_NO, texts.professional);
  return {
    line,
    texts: {
      ...texts,
      ...(kind.value === undefined ? {} : { kind: kind.value }),
      ...(professional.value === undefined ? {} : { professional: professional.value }),
    },
    faults: [...faults, ...[kind.fault, professional.fault].filter((fault) => fault !== undefined)],
  };
}

/** What a cell may say, and what the form of a third party says for it. */
const KINDS = { locataire: 'tenant', proprietaire: 'owner', tenant: 'tenant', owner: 'owner' } as const;
const YES_OR_NO = { oui: 'yes', o: 'yes', '1': 'yes', vrai: 'yes', non: '', n: '', '0': '', faux: '', '': '' } as const;

function wordOf(
  column: string,
  words: Readonly<Record<string, string>>,
  cell: string,
): { readonly value?: string; readonly fault?: string } {
  const value = Object.hasOwn(words, bare(cell)) ? words[bare(cell)] : undefined;
  if (value !== undefined) return { value };
  const expected = column === 'qualité' ? 'locataire ou propriétaire' : 'oui ou non';
  return { fault: `La colonne « ${column} » dit « ${cell} » : écrivez ${expected}.` };
}
