import type { Collection, Db, Filter } from 'mongodb';
import type { Position } from '#libs/event-store';
import type { DocumentPrint, Instant, PrintDownload, PrintJob } from '#libs/letter';
import { ReadModel } from '#projections/engine';
import { printQueueProjection } from './projection.js';

/** A row of the print queue. */
export interface PrintJobRow {
  readonly job: string;
  readonly letterId: string;
  readonly agencyId: string;
  readonly reference: string;
  /** Who asked for paper. */
  readonly by: PrintJob['by'];
  /** First line of the address; null once the letter's key has been destroyed. */
  readonly addressee: string | null;
  readonly requestedAt: Instant;
  readonly status: PrintJob['status'];
  readonly print: DocumentPrint | null;
  readonly ticket: DocumentPrint | null;
  /** Why it could not be prepared. */
  readonly reason: string | null;
  readonly trackingNumber: string | null;
  readonly dispatchedAt: Instant | null;
  /** In their order. */
  readonly downloads: readonly PrintDownload[];
}

type StoredJob = Omit<PrintJobRow, 'job' | 'downloads'> & {
  readonly _id: string;
  readonly open: boolean;
  readonly downloads?: Readonly<Record<string, PrintDownload>>;
};

export interface QueueQuery {
  readonly agencyId: string;
  /** What is still to be printed or sent, those that wait longest first; or what is done with, latest first. */
  readonly state: 'open' | 'done';
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface QueuePage {
  readonly rows: readonly PrintJobRow[];
  readonly next: string | null;
}

/** The `after` of a query was not the `next` of a page. */
export class QueueCursorInvalid extends Error {
  readonly code = 'QUEUE_CURSOR_INVALID';
  constructor() {
    super('This place in the print queue does not exist; begin with the first page.');
    this.name = 'QueueCursorInvalid';
  }
}

/** Answers the print queue. Every question names the agency that asks: another one's jobs do not exist for it. */
export class PrintQueue {
  readonly #model: ReadModel<StoredJob>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, printQueueProjection);
  }

  /** See `ReadModel.atLeast`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  /** See `ReadModel.mark`. */
  mark(agencyId: string): Promise<string> {
    return this.#model.mark({ agencyId });
  }

  /** @throws QueueCursorInvalid */
  async list({ agencyId, state, after, limit }: QueueQuery): Promise<QueuePage> {
    const jobs = await this.#jobs();
    const direction = state === 'open' ? 1 : -1;
    const filter: Filter<StoredJob>[] = [{ agencyId, open: state === 'open' }];
    if (after !== undefined) filter.push(...afterCursor(after, direction));
    // One more than shown tells whether there is a next page.
    const found = await jobs
      .find({ $and: filter })
      .sort({ requestedAt: direction, _id: direction })
      .limit(limit + 1)
      .toArray();
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return { rows: shown.map(rowOf), next: found.length > limit && last ? `${last.requestedAt}/${last._id}` : null };
  }

  /** Jobs of the agency by their ids, in that order; those that it does not have are left out. */
  async byIds(agencyId: string, ids: readonly string[]): Promise<PrintJobRow[]> {
    const jobs = await this.#jobs();
    const found = await jobs.find({ _id: { $in: [...ids] }, agencyId }).toArray();
    const rows = new Map(found.map((job) => [job._id, rowOf(job)]));
    return ids.flatMap((id) => rows.get(id) ?? []);
  }

  async #jobs(): Promise<Collection<StoredJob>> {
    return (await this.#model.collection()) as unknown as Collection<StoredJob>;
  }
}

function afterCursor(cursor: string, direction: 1 | -1): Filter<StoredJob>[] {
  const [, requestedAt, _id] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\/([\w-]+)$/.exec(cursor) ?? [];
  if (requestedAt === undefined || _id === undefined) throw new QueueCursorInvalid();
  const isForward = direction === 1;
  return [
    { requestedAt: isForward ? { $gte: requestedAt } : { $lte: requestedAt } },
    { $nor: [{ requestedAt, _id: isForward ? { $lte: _id } : { $gte: _id } }] },
  ];
}

function rowOf({ _id, open: _open, downloads = {}, ...job }: StoredJob): PrintJobRow {
  const { position: _position, ...shown } = job as typeof job & { position?: unknown };
  const inOrder = Object.entries(downloads).sort(([one], [other]) => Number(one) - Number(other));
  return { job: _id, ...shown, downloads: inOrder.map(([, download]) => download) };
}
