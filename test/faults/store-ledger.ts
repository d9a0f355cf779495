import { randomUUID } from 'node:crypto';
import { jsonEvent, NO_STREAM, type AppendExpectedRevision, type EventStoreDBClient } from '@eventstore/db-client';

/** One append that a client asked for, and what it was told. */
export interface Attempt {
  readonly stream: string;
  readonly ids: readonly string[];
  /** Revision that the append's first event has when it was stored. */
  readonly first: number;
  told: 'nothing' | 'stored';
  /** What the answer said of the last event. */
  revision?: number;
  position?: bigint;
}

const CREDENTIALS = { username: 'admin', password: 'changeit' };

/** Appends one after the other to one stream, and writes down what the server said: to be compared with what it has kept. */
export class Writer {
  readonly attempts: Attempt[] = [];
  private revision = -1;

  /**
   * @param unary over the unary call instead of the batched one
   * @param largest bytes that an event holds at most
   */
  constructor(
    readonly stream: string,
    private readonly unary: boolean,
    private readonly largest = 20_000,
  ) {}

  /**
   * Repeats the last append with the same ids when nothing was told of it, as a careful client does; then appends until the
   * first append that fails. @returns why that failed
   */
  async writeUntilItFails(client: EventStoreDBClient, stop: () => boolean = () => false): Promise<unknown> {
    try {
      const last = this.attempts.at(-1);
      if (last?.told === 'nothing') await this.send(client, last);
      while (!stop()) await this.append(client);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /** One to twenty events of all sizes, so that transactions of all sizes are under way when the server dies. */
  private async append(client: EventStoreDBClient): Promise<void> {
    const ids = Array.from({ length: Math.ceil(Math.random() ** 3 * 20) || 1 }, () => randomUUID());
    const attempt: Attempt = { stream: this.stream, ids, first: this.revision + 1, told: 'nothing' };
    this.attempts.push(attempt);
    await this.send(client, attempt);
  }

  private async send(client: EventStoreDBClient, attempt: Attempt): Promise<void> {
    const filling = 'x'.repeat(Math.random() ** 4 * this.largest);
    const events = attempt.ids.map((id, part) => jsonEvent({ id, type: 'Part', data: { part, filling } }));
    const expectedRevision: AppendExpectedRevision = attempt.first === 0 ? NO_STREAM : BigInt(attempt.first - 1);
    const options = this.unary ? { expectedRevision, credentials: CREDENTIALS } : { expectedRevision };
    const result = await client.appendToStream(this.stream, events, options);
    attempt.told = 'stored';
    attempt.revision = Number(result.nextExpectedRevision);
    if (result.position !== undefined) attempt.position = result.position.commit;
    this.revision = attempt.revision;
  }
}
