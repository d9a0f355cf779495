import type { DocumentPrint } from '#libs/letter';
import type { LineData, ReminderEvent, ReminderEventOf, ReminderLevel, ReminderList } from './events.js';

/** The PDF that was supplied with a line; its name is null once the line's key has been destroyed. */
export interface SuppliedDocument extends DocumentPrint {
  readonly name: string | null;
}

/** Open: neither withdrawn nor sent. */
export type Standing =
  | { readonly status: 'open' }
  | { readonly status: 'withdrawn' }
  | { readonly status: 'sent'; readonly campaignId: string; readonly letterId: string };

interface Line {
  readonly agencyId: string;
  readonly lineId: string;
  readonly list: ReminderList;
  readonly level: ReminderLevel;
  readonly partyCode: string;
  readonly dossier: string;
  readonly data: LineData | 'erased';
  readonly document: SuppliedDocument | null;
}

export type Reminder = { readonly status: 'unknown' } | (Line & Standing);
export type KnownReminder = Exclude<Reminder, { status: 'unknown' }>;

/** Stored events that no decision can have produced in this order: the stream was altered, or belongs to another type. */
export class BrokenReminderHistory extends Error {
  readonly code = 'BROKEN_HISTORY';

  constructor(type: string) {
    super(`A reminder line cannot have ${type} at this place: verify the stream against its chain before using it.`);
    this.name = 'BrokenReminderHistory';
  }
}

export const initial: Reminder = { status: 'unknown' };

/** Folds one event into the line. Throws `BrokenReminderHistory` on an event that cannot follow. */
export function evolve(state: Reminder, event: ReminderEvent): Reminder {
  if (event.type === 'ReminderReceived') return received(state, event);
  if (state.status === 'unknown') throw new BrokenReminderHistory(event.type);
  switch (event.type) {
    case 'ReminderCorrected':
      return { ...mustBe('open', state, event.type), ...described(event) };
    case 'ReminderWithdrawn':
      return { ...lineOf(mustBe('open', state, event.type)), status: 'withdrawn' };
    case 'ReminderReinstated':
      return { ...lineOf(mustBe('withdrawn', state, event.type)), status: 'open' };
    case 'ReminderSent': {
      const { campaignId, letterId } = event.data;
      return { ...lineOf(mustBe('open', state, event.type)), status: 'sent', campaignId, letterId };
    }
    case 'ReminderReleased':
      return { ...lineOf(mustBe('sent', state, event.type)), status: 'open' };
    default:
      return neverHappens(event);
  }
}

function received(state: Reminder, event: ReminderEventOf<'ReminderReceived'>): Reminder {
  if (state.status !== 'unknown') throw new BrokenReminderHistory(event.type);
  const { agencyId, lineId, list } = event.data;
  return { agencyId, lineId, list, ...described(event), status: 'open' };
}

function described({ data, personal }: ReminderEventOf<'ReminderReceived' | 'ReminderCorrected'>) {
  const { level, partyCode, dossier, document } = data;
  return {
    level,
    partyCode,
    dossier,
    data: personal?.data ?? ('erased' as const),
    document: document && { ...document, name: personal?.documentName ?? null },
  };
}

function mustBe<Status extends KnownReminder['status']>(
  status: Status,
  state: KnownReminder,
  type: string,
): Extract<KnownReminder, { status: Status }> {
  if (state.status !== status) throw new BrokenReminderHistory(type);
  return state as Extract<KnownReminder, { status: Status }>;
}

function lineOf({ agencyId, lineId, list, level, partyCode, dossier, data, document }: KnownReminder): Line {
  return { agencyId, lineId, list, level, partyCode, dossier, data, document };
}

/** Makes an event type that `evolve` forgets a compile error. */
function neverHappens(event: never): never {
  throw new BrokenReminderHistory((event as ReminderEvent).type);
}
