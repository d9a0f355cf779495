import type { Instant, NamedDocument } from '#libs/letter';
import type { ReminderList } from '#libs/reminders';
import type { CampaignTerms, CategoryChoice, LetterResult, ListedLetter, ListedPerson } from './events.js';

type Command<Type extends string, Body extends object = object> = { readonly type: Type; readonly at: Instant } & Body;

/** A letter to list, with its recipient. */
export interface LetterToList extends ListedLetter {
  readonly person: ListedPerson;
}

export type CampaignCommand =
  /** A campaign over ticked lines, by their ids. */
  | Command<'draft', { readonly agencyId: string; readonly list: ReminderList; readonly lines: readonly string[] }>
  /** `professionalsOnly`: all recipients are, as far as is known now; what counts is what is listed. */
  | Command<'chooseSettings', CampaignTerms & { readonly agencyEmail: string; readonly professionalsOnly: boolean }>
  | Command<'chooseCategory', { readonly choice: CategoryChoice | null }>
  | Command<'attachFile', NamedDocument>
  | Command<'removeFile', { readonly sha256: string }>
  /** Rows by the place of their line, from 0. */
  | Command<'select', { readonly ticked: readonly number[]; readonly unticked: readonly number[] }>
  /**
   * Freezes what will be sent, in parts of at most `LETTERS_PER_LISTING` letters. `listing` names the whole list: the fingerprint of
   * what is in it, so that a list that is handed over twice is one.
   */
  | Command<'list', { readonly listing: string; readonly letters: readonly LetterToList[] }>
  /** Sends the letters of a complete listing. */
  | Command<'start', { readonly listing: string; readonly agencyCode: string; readonly senderName: string }>
  /** Tells what became of letters. */
  | Command<'settle', { readonly results: readonly LetterResult[] }>
  | Command<'abandon'>;

export type CampaignCommandOf<Type extends CampaignCommand['type']> = Extract<CampaignCommand, { type: Type }>;
