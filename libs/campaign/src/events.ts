import type { DocumentCategory } from '#libs/filing';
import type { CatalogueEntry, DocumentPrint, Event, Instant, PartyKind, Recipient } from '#libs/letter';
import type { ReminderList } from '#libs/reminders';

/** The e-mails whose template is chosen by name (manual IV, screen 1). */
export const settingTemplates = [
  'mail-signature',
  'mail-signed-documents',
  'mail-confirmation',
  'mail-refusal',
  'mail-deposit-proof',
  'mail-expiry',
] as const;
export type SettingTemplate = (typeof settingTemplates)[number];

/** What all letters of a campaign are sent with. */
export interface CampaignTerms {
  /** Whether a code by SMS is asked for before a letter opens. */
  readonly otp: boolean;
  readonly retentionDays: number;
  readonly alertDays: number;
  /** Names of templates; of a kind without one, the agency's default is used. */
  readonly templates: Readonly<Partial<Record<SettingTemplate, string>>>;
}

/** What is attached to each letter: the recipient's own latest document of a category. */
export interface CategoryChoice {
  readonly category: DocumentCategory;
  /** What becomes of a recipient who has no such document: left out, or sent the letter alone. */
  readonly whenMissing: 'leave-out' | 'send-without';
}

/** A document of the agency's store that goes out with one letter. Its name is personal. */
export interface FiledPrint extends DocumentPrint {
  readonly documentId: string;
}

/** One letter of a campaign, by the place of its line, from 0. What tells of a person is in the personal part. */
export interface ListedLetter {
  readonly row: number;
  readonly lineId: string;
  readonly partyCode: string;
  readonly partyKind: PartyKind;
  readonly dossier: string;
  readonly professional: boolean;
  readonly filed?: FiledPrint;
  /** Code of the reason why nothing is sent; absent where it is. */
  readonly obstacle?: string;
}

/** The recipient of a listed letter, and the name of the document that is filed for him. */
export interface ListedPerson extends Recipient {
  readonly filedName?: string;
}

/** What became of a letter. */
export type LetterResult =
  | { readonly row: number; readonly outcome: 'submitted'; readonly letterId: string; readonly reference: string }
  /** `reason` is a code: why the letter could not be sent, or had not to be. */
  | { readonly row: number; readonly outcome: 'failed' | 'skipped'; readonly reason: string };

export type LetterOutcome = LetterResult['outcome'];

/** How many letters came to which outcome. */
export type ResultCounts = Readonly<Record<LetterOutcome, number>>;

type At = { readonly at: Instant };

/** The events of a campaign, stream `campaign-<id>`. Stored names and shapes are a public contract: see `catalogue`. */
export type CampaignEvent =
  | Event<
      'CampaignDrafted',
      At & { readonly agencyId: string; readonly list: ReminderList; readonly lines: readonly string[] }
    >
  | Event<'CampaignSettingsChosen', At & CampaignTerms, { readonly agencyEmail: string }>
  /** `choice` is null where no category is joined. */
  | Event<'CampaignCategoryChosen', At & { readonly choice: CategoryChoice | null }>
  | Event<'CampaignFileAttached', At & DocumentPrint, { readonly name: string }>
  | Event<'CampaignFileRemoved', At & { readonly sha256: string }>
  | Event<'CampaignSelectionChanged', At & { readonly ticked: readonly number[]; readonly unticked: readonly number[] }>
  /** A part of the letters; one with another `listing` begins the list anew. */
  | Event<
      'CampaignLettersListed',
      At & { readonly listing: string; readonly letters: readonly ListedLetter[] },
      { readonly people: readonly ListedPerson[] }
    >
  | Event<
      'CampaignStarted',
      At & { readonly agencyCode: string; readonly letters: number },
      { readonly senderName: string }
    >
  | Event<'CampaignLettersSettled', At & { readonly results: readonly LetterResult[] }>
  | Event<'CampaignFinished', At & ResultCounts>
  | Event<'CampaignAbandoned', At>;

export type CampaignEventType = CampaignEvent['type'];
export type CampaignEventOf<Type extends CampaignEventType> = Extract<CampaignEvent, { type: Type }>;

/** Current schema of each event type and the steps from older ones. A schema once released is never edited. */
export const catalogue = {
  CampaignDrafted: { schema: 1, upcast: {} },
  CampaignSettingsChosen: { schema: 1, upcast: {} },
  CampaignCategoryChosen: { schema: 1, upcast: {} },
  CampaignFileAttached: { schema: 1, upcast: {} },
  CampaignFileRemoved: { schema: 1, upcast: {} },
  CampaignSelectionChanged: { schema: 1, upcast: {} },
  CampaignLettersListed: { schema: 1, upcast: {} },
  CampaignStarted: { schema: 1, upcast: {} },
  CampaignLettersSettled: { schema: 1, upcast: {} },
  CampaignFinished: { schema: 1, upcast: {} },
  CampaignAbandoned: { schema: 1, upcast: {} },
} satisfies Record<CampaignEventType, CatalogueEntry>;
