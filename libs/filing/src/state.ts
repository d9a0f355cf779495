import type { Instant } from '#libs/letter';
import type { FiledDocumentEvent, FilePrint, Place } from './events.js';

export type FiledDocument =
  | { readonly status: 'unknown' }
  | ({
      readonly status: 'filed' | 'removed';
      readonly agencyId: string;
      readonly file: FilePrint;
      /** Null once the key of the document has been destroyed. */
      readonly name: string | null;
      /** When its present file was filed. */
      readonly filedAt: Instant;
    } & Place);

export type KnownDocument = Exclude<FiledDocument, { status: 'unknown' }>;

/** Stored events that no decision can have produced in this order: the stream was altered, or belongs to another type. */
export class BrokenFilingHistory extends Error {
  readonly code = 'BROKEN_HISTORY';

  constructor(type: string) {
    super(`A filed document cannot have ${type} at this place: verify the stream against its chain before using it.`);
    this.name = 'BrokenFilingHistory';
  }
}

export const initial: FiledDocument = { status: 'unknown' };

/** Folds one event into the document. Throws `BrokenFilingHistory` on an event that cannot follow. */
export function evolve(state: FiledDocument, event: FiledDocumentEvent): FiledDocument {
  if (event.type === 'DocumentFiled') {
    if (state.status !== 'unknown') throw new BrokenFilingHistory(event.type);
    const { at, ...filed } = event.data;
    return { status: 'filed', ...filed, name: event.personal?.name ?? null, filedAt: at };
  }
  if (state.status !== 'filed') throw new BrokenFilingHistory(event.type);
  switch (event.type) {
    case 'DocumentReplaced': {
      const { file, at } = event.data;
      return { ...state, file, name: event.personal?.name ?? null, filedAt: at };
    }
    case 'DocumentRemoved':
      return { ...state, status: 'removed' };
    default:
      return neverHappens(event);
  }
}

/** Makes an event type that `evolve` forgets a compile error. */
function neverHappens(event: never): never {
  throw new BrokenFilingHistory((event as FiledDocumentEvent).type);
}
