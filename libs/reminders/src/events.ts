import type { CatalogueEntry, DocumentPrint, Event, Instant } from '#libs/letter';

/** Impayés, Justificatifs assurance et entretien, PNO (propriétaire non occupant): the manual's three tabs (IV.1). */
export type ReminderList = 'unpaid' | 'insurance' | 'owner-insurance';

/** Rappel simple 1, rappel simple 2, rappel recommandé (LRAR), commandement huissier. */
export type ReminderLevel = 'reminder-1' | 'reminder-2' | 'registered' | 'bailiff';

/**
 * What a letter's template prints of a line, by the keys of `lineFields`: amounts as `1234.56`, days as `2026-03-14`, texts as they are.
 * A field that the line lacks has no key.
 */
export type LineData = Readonly<Partial<Record<string, string>>>;

type At = { readonly at: Instant };

/** What is public of a line: the numbers and words by which an agency's software knows it. */
interface Standing {
  readonly level: ReminderLevel;
  /** The third party's number; it need not be in the directory. */
  readonly partyCode: string;
  /** Part of the reference of the letter to come. */
  readonly dossier: string;
  /** A PDF that is the letter; null where the letter is made from the agency's template. */
  readonly document: DocumentPrint | null;
}

interface LinePersonal {
  readonly data: LineData;
  /** Of `document`. */
  readonly documentName?: string;
}

/** The events of a reminder line, stream `reminder-<agency id>-<digest of the line's id>`. Stored names and shapes are a public contract. */
export type ReminderEvent =
  | Event<
      'ReminderReceived',
      { readonly agencyId: string; readonly lineId: string; readonly list: ReminderList } & Standing & At,
      LinePersonal
    >
  | Event<'ReminderCorrected', Standing & At, LinePersonal>
  | Event<'ReminderWithdrawn', At>
  | Event<'ReminderReinstated', At>
  | Event<'ReminderSent', { readonly campaignId: string; readonly letterId: string } & At>
  | Event<'ReminderReleased', { readonly letterId: string } & At>;

export type ReminderEventType = ReminderEvent['type'];
export type ReminderEventOf<Type extends ReminderEventType> = Extract<ReminderEvent, { type: Type }>;

/** Current schema of each event type and the steps from older ones. A schema once released is never edited. */
export const reminderCatalogue = {
  ReminderReceived: { schema: 1, upcast: {} },
  ReminderCorrected: { schema: 1, upcast: {} },
  ReminderWithdrawn: { schema: 1, upcast: {} },
  ReminderReinstated: { schema: 1, upcast: {} },
  ReminderSent: { schema: 1, upcast: {} },
  ReminderReleased: { schema: 1, upcast: {} },
} satisfies Record<ReminderEventType, CatalogueEntry>;
