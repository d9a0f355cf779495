import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { DocumentOfLetter } from '#libs/commands';
import { Clock } from '#libs/configuration';
import { BindingFailed, bindForPrinting } from '#libs/documents';
import type { Position } from '#libs/event-store';
import { refusals, trackingNumber, type Paper } from '#libs/letter';
import { EdgeFailure, InvalidInput, notFound } from '#libs/web';
import { PrintQueue, type PrintJobRow, type QueuePage } from '#projections/print-queue';
import type { Asker, SignedInUser } from '../access/asker.js';
import { LetterActions } from '../letters/letter-actions.js';

/** Jobs that are handed out as one file, and the bytes that they may have together. */
export const MOST_AT_ONCE = 20;
const MOST_BYTES = 100 * 1024 * 1024;

/** How long the queue waits to show a command's result, in milliseconds. */
const LONGEST_WAIT_MS = 3_000;

type PreparedRow = PrintJobRow & Paper;

/** The letters that an agency sends on paper: what is printed, by whom it was taken, what was sent. */
@Injectable()
export class PrintJobs {
  constructor(
    private readonly queue: PrintQueue,
    private readonly actions: LetterActions,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  /** At least as new as a position. @throws QueueCursorInvalid */
  async list(
    { agency }: Asker,
    query: { state: 'open' | 'done'; after?: string | undefined; limit: number },
    position?: Position | null,
  ): Promise<QueuePage & { readonly upToDate: boolean }> {
    const upToDate = position ? await this.queue.atLeast(position, LONGEST_WAIT_MS) : true;
    return { ...(await this.queue.list({ agencyId: agency.id, ...query })), upToDate };
  }

  /** For the live page. */
  mark({ agency }: Asker): Promise<string> {
    return this.queue.mark(agency.id);
  }

  /** @throws EdgeFailure 404 */
  async find({ agency }: Asker, job: string): Promise<PrintJobRow> {
    const [found] = await this.queue.byIds(agency.id, [job]);
    if (!found) throw notFound();
    return found;
  }

  /** The ticket of a job. @throws EdgeFailure 404, CommandRefused, DocumentMissing, DocumentAltered */
  async ticket(asker: Asker, job: string): Promise<{ row: PrintJobRow; bytes: Buffer }> {
    const row = mustBePrepared(await this.find(asker, job));
    return { row, bytes: await this.queries.execute(new DocumentOfLetter(row.letterId, row.ticket.sha256)) };
  }

  /**
   * What is printed for one or several jobs, as one file; each letter keeps by whom it was taken, and when.
   *
   * @throws EdgeFailure 404, 422; DocumentMissing, DocumentAltered
   */
  async download(asker: Asker | SignedInUser, ids: readonly string[]): Promise<{ bytes: Buffer; rows: PrintJobRow[] }> {
    const rows: PreparedRow[] = [];
    for (const id of ids) rows.push(mustBePrepared(await this.find(asker, id)));
    if (rows.length === 0) throw NONE_CHOSEN();
    if (rows.length > MOST_AT_ONCE || totalBytes(rows) > MOST_BYTES) throw TOO_MANY_PRINTS();
    const parts: Buffer[] = [];
    for (const { letterId, print } of rows)
      parts.push(await this.queries.execute(new DocumentOfLetter(letterId, print.sha256)));
    const bytes = await this.together(parts);
    const by = asker.actor;
    for (const { letterId, job } of rows) await this.actions.act(asker, letterId, { type: 'downloadPrint', job, by });
    return { bytes, rows };
  }

  /** @throws EdgeFailure 404, CommandRefused, InvalidInput for a text that is no tracking number */
  async dispatch(asker: Asker | SignedInUser, id: string, text: string): Promise<void> {
    const { letterId, job } = await this.find(asker, id);
    const number = trackingNumber(text);
    if (number === undefined) throw new InvalidInput([{ field: 'trackingNumber', message: NOT_A_TRACKING_NUMBER }]);
    await this.actions.act(asker, letterId, { type: 'confirmDispatch', job, trackingNumber: number });
  }

  private async together(parts: readonly Buffer[]): Promise<Buffer> {
    const [only] = parts;
    if (only && parts.length === 1) return only;
    try {
      return (await bindForPrinting(parts, { createdAt: this.clock.now() })).bytes;
    } catch (error) {
      if (error instanceof BindingFailed) throw TOO_MANY_PRINTS();
      throw error;
    }
  }
}

const totalBytes = (rows: readonly PreparedRow[]): number => rows.reduce((sum, { print }) => sum + print.size, 0);

function mustBePrepared(row: PrintJobRow): PreparedRow {
  const { print, ticket } = row;
  if (print && ticket) return { ...row, print, ticket };
  const { status, sentence } = refusals.PRINT_NOT_READY;
  throw new EdgeFailure({ status, code: 'PRINT_NOT_READY', title: sentence });
}

const NOT_A_TRACKING_NUMBER =
  'Ce numéro de suivi n’est pas valable : recopiez-le tel qu’il est sur la preuve de dépôt, de 6 à 35 lettres et chiffres.';

const NONE_CHOSEN = () =>
  new EdgeFailure({ status: 422, code: 'NO_PRINT_CHOSEN', title: 'Aucun pli n’est choisi : cochez au moins un bon.' });
const TOO_MANY_PRINTS = () =>
  new EdgeFailure({
    status: 422,
    code: 'TOO_MANY_PRINTS',
    title: `Un fichier réunit ${MOST_AT_ONCE} plis, 100 Mo et 1 000 pages au plus : téléchargez-les en plusieurs fois.`,
  });
