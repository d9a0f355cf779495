import type { Instant, NamedDocument } from '#libs/letter';
import type { LineData, ReminderLevel, ReminderList } from './events.js';

type Command<Type extends string, Body extends object = object> = { readonly type: Type; readonly at: Instant } & Body;

/** A line as the agency's software describes it. */
export interface LineDescription {
  readonly agencyId: string;
  /** The caller's own id of the line, one line in an agency: the same id again means the same line. */
  readonly lineId: string;
  readonly list: ReminderList;
  readonly level: ReminderLevel;
  readonly partyCode: string;
  readonly dossier: string;
  readonly data: LineData;
  /** Absent: the document stays as it is; null: there is none, the letter is made from the template. */
  readonly document?: NamedDocument | null;
}

export type ReminderCommand =
  /** The line is to be as described, whether it is known or not. */
  | Command<'receiveReminder', LineDescription>
  | Command<'withdrawReminder'>
  | Command<'reinstateReminder'>
  /** The line goes out as this letter: to be given before the letter is submitted, so that two campaigns cannot send one line twice. */
  | Command<'markSent', { readonly campaignId: string; readonly letterId: string }>
  /** This letter was not submitted after all: the line may be sent again. */
  | Command<'releaseReminder', { readonly letterId: string }>;

export type ReminderCommandOf<Type extends ReminderCommand['type']> = Extract<ReminderCommand, { type: Type }>;
