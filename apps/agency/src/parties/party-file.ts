import { bare, columnsOf, csvLines, faultOfLength, TableRefused, type TableLine } from '../tables/table-file.js';
import type { PartyField, PartyTexts } from './party-form.js';

/** Lines of third parties in one file. */
const MOST_LINES = 2_000;

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

const FIELD_OF_HEADER = new Map(
  Object.entries(HEADERS).flatMap(([field, names]) => names.map((name) => [name, field as PartyField])),
);

/**
 * Reads a CSV file (RFC 4180, with `;` or `,`) of third parties.
 *
 * @throws TableRefused
 */
export function readPartyFile(text: string): PartyFile {
  const [header, ...records] = csvLines(text);
  if (!header)
    throw new TableRefused(
      'Ce fichier est vide : choisissez un fichier CSV dont la première ligne nomme les colonnes.',
    );
  const fields = fieldsOf(header.cells);
  if (records.length === 0)
    throw new TableRefused('Ce fichier ne contient que ses en-têtes : ajoutez une ligne par tiers.');
  if (records.length > MOST_LINES) {
    throw new TableRefused(
      `Ce fichier compte ${records.length} tiers : partagez-le en fichiers de ${MOST_LINES} lignes au plus.`,
    );
  }
  const ignored = header.cells.filter((name, index) => name !== '' && fields[index] === undefined);
  return { lines: records.map((record) => lineOf(record, fields)), ignored };
}

function fieldsOf(header: readonly string[]): readonly (PartyField | undefined)[] {
  const fields = columnsOf(header, FIELD_OF_HEADER);
  if (fields.includes('code')) return fields;
  throw new TableRefused('La colonne « code » manque : la première ligne du fichier doit nommer les colonnes.');
}

function lineOf(record: TableLine, fields: readonly (PartyField | undefined)[]): FileLine {
  const { line, cells } = record;
  const cut = faultOfLength(record, fields.length);
  const faults = cut === undefined ? [] : [cut];
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
