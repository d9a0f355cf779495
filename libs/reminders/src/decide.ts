import type { Decider, NamedDocument } from '#libs/letter';
import type { LineDescription, ReminderCommand, ReminderCommandOf } from './commands.js';
import type { LineData, ReminderEvent } from './events.js';
import { refused, type ReminderRefusal, type ReminderRefusalCode } from './refusals.js';
import { evolve, initial, type KnownReminder, type Reminder, type SuppliedDocument } from './state.js';

type Decision = readonly ReminderEvent[] | ReminderRefusal;

function decide(state: Reminder, command: ReminderCommand): Decision {
  if (command.type === 'receiveReminder') return receive(state, command);
  if (state.status === 'unknown') return refused('UNKNOWN_REMINDER');
  switch (command.type) {
    case 'withdrawReminder':
      return withdraw(state, command);
    case 'reinstateReminder':
      return reinstate(state, command);
    case 'markSent':
      return markSent(state, command);
    case 'releaseReminder':
      return release(state, command);
  }
}

function receive(state: Reminder, command: ReminderCommandOf<'receiveReminder'>): Decision {
  const { agencyId, lineId, list, level, partyCode, dossier, at } = command;
  const document = documentAfter(state, command);
  const personal = { data: command.data, ...(document && { documentName: document.name ?? '' }) };
  const standing = { level, partyCode, dossier, document: document && printOf(document), at };
  if (state.status === 'unknown') {
    return [{ type: 'ReminderReceived', data: { agencyId, lineId, list, ...standing }, personal }];
  }
  if (state.list !== list) return refused('REMINDER_IN_OTHER_LIST');
  if (isAsReceived(state, command)) return [];
  if (state.status === 'sent') return refused('REMINDER_SENT');
  if (state.status === 'withdrawn') return refused('REMINDER_WITHDRAWN');
  return [{ type: 'ReminderCorrected', data: standing, personal }];
}

/** Whether a line is already as it is described, so that receiving it would change nothing. */
export function isAsReceived(
  state: Pick<KnownReminder, 'list' | 'level' | 'partyCode' | 'dossier' | 'data' | 'document'>,
  { list, level, partyCode, dossier, data, document }: LineDescription,
): boolean {
  if (state.data === 'erased' || !isSameData(state.data, data)) return false;
  const isSameDocument = document === undefined || isSamePrint(state.document, document);
  const isSame = state.list === list && state.level === level && state.dossier === dossier;
  return isSame && state.partyCode === partyCode && isSameDocument;
}

function isSameData(left: LineData, right: LineData): boolean {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => left[key] === right[key]);
}

/** A document is its bytes: another name alone is no other letter. */
const isSamePrint = (left: SuppliedDocument | null, right: NamedDocument | null): boolean =>
  left?.sha256 === right?.sha256;

function documentAfter(state: Reminder, { document }: LineDescription): SuppliedDocument | null {
  if (document !== undefined) return document;
  return state.status === 'unknown' ? null : state.document;
}

const printOf = ({ sha256, size, pages }: SuppliedDocument) => ({ sha256, size, pages });

function withdraw({ status }: KnownReminder, { at }: ReminderCommand): Decision {
  if (status === 'withdrawn') return [];
  return status === 'sent' ? refused('REMINDER_SENT') : [{ type: 'ReminderWithdrawn', data: { at } }];
}

function reinstate({ status }: KnownReminder, { at }: ReminderCommand): Decision {
  if (status === 'open') return [];
  return status === 'sent' ? refused('REMINDER_SENT') : [{ type: 'ReminderReinstated', data: { at } }];
}

function markSent(state: KnownReminder, { campaignId, letterId, at }: ReminderCommandOf<'markSent'>): Decision {
  if (state.status === 'withdrawn') return refused('REMINDER_WITHDRAWN');
  if (state.status === 'sent') return state.letterId === letterId ? [] : refused('REMINDER_SENT');
  return [{ type: 'ReminderSent', data: { campaignId, letterId, at } }];
}

function release(state: KnownReminder, { letterId, at }: ReminderCommandOf<'releaseReminder'>): Decision {
  if (state.status === 'open') return [];
  if (state.status === 'withdrawn' || state.letterId !== letterId) return refused('REMINDER_NOT_SENT');
  return [{ type: 'ReminderReleased', data: { letterId, at } }];
}

/** A line of a reminder list: what an agency wants to remind somebody of, until it is sent or withdrawn. */
export const reminder: Decider<Reminder, ReminderCommand, ReminderEvent, ReminderRefusalCode> = {
  initial,
  decide,
  evolve,
};
