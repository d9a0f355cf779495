import type { CatalogueEntry, Event, Instant } from '#libs/letter';

/** The categories of the manual's « Liste des Documents » (IV.2, screen 2), in its order. */
export const documentCategories = [
  'insurance',
  'notices',
  'lease',
  'charges',
  'correspondence',
  'departure',
  'receipts',
  'history',
  'reminders',
  'revision',
  'test',
] as const;

export type DocumentCategory = (typeof documentCategories)[number];

/** A PDF that was filed: hex SHA-256 of its bytes, size in bytes, number of pages. Its name is personal. */
export interface FilePrint {
  readonly sha256: string;
  readonly size: number;
  readonly pages: number;
}

/** Where a document is filed: under a third party's code, or, with null, for the agency as a whole. */
export interface Place {
  readonly partyCode: string | null;
  readonly category: DocumentCategory;
}

type At = { readonly at: Instant };
type Name = { readonly name: string };

/**
 * The events of one document of an agency's store (GED), stream `filed-<agency id>-<document id>`. Stored names and shapes are a
 * public contract.
 */
export type FiledDocumentEvent =
  | Event<'DocumentFiled', { readonly agencyId: string; readonly file: FilePrint } & Place & At, Name>
  | Event<'DocumentReplaced', { readonly file: FilePrint } & At, Name>
  | Event<'DocumentRemoved', At>;

export type FiledDocumentEventType = FiledDocumentEvent['type'];
export type FiledDocumentEventOf<Type extends FiledDocumentEventType> = Extract<FiledDocumentEvent, { type: Type }>;

/** Current schema of each event type and the steps from older ones. A schema once released is never edited. */
export const catalogue = {
  DocumentFiled: { schema: 1, upcast: {} },
  DocumentReplaced: { schema: 1, upcast: {} },
  DocumentRemoved: { schema: 1, upcast: {} },
} satisfies Record<FiledDocumentEventType, CatalogueEntry>;
