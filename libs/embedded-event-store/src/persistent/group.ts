import { groupIsFull, type RpcError } from '../rpc-errors.js';
import type { Store } from '../store.js';
import { CheckpointPolicy } from './checkpoint-policy.js';
import type { Consumer } from './consumer.js';
import { consumerStrategy, type ConsumerStrategy } from './consumer-strategies.js';
import type { GroupTable, StoredGroup } from './group-table.js';
import { MessageQueue } from './message-queue.js';
import { messageSource, type MessageSource } from './message-source.js';
import type { Message } from './message.js';
import { OutstandingMessages } from './outstanding-messages.js';
import { loadParked, park, takeParked } from './parked-messages.js';

/** Pages read in one go before other work of the process gets its turn. */
const PAGES_PER_TURN = 4;
const LEAST_PAGE_EVENTS = 32;

/** What a consumer wants to be done with a message that it did not handle. */
export type NackAction = 'retry' | 'park' | 'skip' | 'stop';

/**
 * A group of a persistent subscription: hands each event of its source to one of its consumers and remembers durably how far
 * all is done. An event leaves its memory only when it was acknowledged, skipped or parked, so a crash repeats and never loses.
 */
export class Group {
  readonly source: MessageSource;
  readonly queue = new MessageQueue();
  readonly consumers = new Set<Consumer>();
  private readonly strategy: ConsumerStrategy;
  private readonly outstanding = new OutstandingMessages();
  /** Messages whose parking is being committed. */
  private readonly parking = new Set<Message>();
  /** Revisions of parked messages that wait to be loaded again. */
  private readonly toReplay: number[];
  private readonly checkpoints: CheckpointPolicy;
  /** Next place of the source to read. */
  private cursor: number;
  private nextTurn: NodeJS.Immediate | undefined;
  private delivered = 0;
  private readonly since = performance.now();

  constructor(
    private readonly store: Store,
    private readonly table: GroupTable,
    readonly stored: StoredGroup,
  ) {
    this.source = messageSource(store, stored, stored.settings);
    this.strategy = consumerStrategy(stored.settings.strategy);
    this.cursor = stored.resumeFrom;
    this.toReplay = table.replayedOf(stored);
    this.checkpoints = new CheckpointPolicy(stored);
  }

  get outstandingCount(): number {
    return this.outstanding.size;
  }

  get deliveredCount(): number {
    return this.delivered;
  }

  get averagePerSecond(): number {
    return Math.round((this.delivered * 1000) / Math.max(1, performance.now() - this.since));
  }

  get isLive(): boolean {
    return this.cursor > this.source.lastKnown();
  }

  get lastCheckpoint(): number | undefined {
    return this.checkpoints.saved;
  }

  /** First place that may not have been handled. */
  get resumeFrom(): number {
    let lowest = Math.min(this.cursor, this.queue.lowestPlace() ?? Infinity, this.outstanding.lowestPlace());
    for (const message of this.parking) lowest = Math.min(lowest, message.place ?? Infinity);
    return lowest;
  }

  /** True once anything was handled: a new `startFrom` no longer counts. */
  get hasProgressed(): boolean {
    return this.checkpoints.hasProgressed;
  }

  /** @throws RpcError FAILED_PRECONDITION when the group has all the consumers it may have */
  admit(): void {
    const { maxSubscriberCount } = this.stored.settings;
    if (maxSubscriberCount > 0 && this.consumers.size >= maxSubscriberCount) throw groupIsFull(this.stored);
  }

  connect(consumer: Consumer): void {
    this.consumers.add(consumer);
    this.strategy.add(consumer);
    consumer.out.onStop(() => this.disconnect(consumer));
    this.pump();
  }

  /** The consumer handled these messages. */
  acknowledge(ids: readonly string[]): void {
    for (const id of ids) {
      const message = this.outstanding.take(id);
      if (message !== undefined) this.finish(message);
    }
    this.checkpoint(false);
    this.pump();
  }

  /** The consumer did not handle these messages. */
  refuse(ids: readonly string[], action: NackAction, reason: string): void {
    for (const id of ids) {
      const message = this.outstanding.take(id);
      if (message === undefined) continue;
      if (action === 'retry') this.retryOrPark(message);
      else if (action === 'park') this.park(message, `Client explicitly NAK'ed message.\n${reason}`);
      else this.finish(message);
    }
    this.checkpoint(false);
    this.pump();
  }

  /** Gives the parked messages before revision `stopAt` of the parked stream, or all, to the consumers again. */
  async replayParked(stopAt: number | undefined): Promise<void> {
    const { store, table, stored } = this;
    const revisions = await store.commits.run(() => {
      const taken = takeParked(store.log, stored, stopAt);
      // `$tb` has moved past them, so they must be known otherwise until they are handled.
      for (const revision of taken) table.addReplayed(stored, revision);
      return taken;
    });
    for (const revision of revisions) this.toReplay.push(revision);
    this.pump();
  }

  /** Called a few times a second: takes back what consumers kept too long, and makes checkpoints that are due by time. */
  tick(now: number): void {
    const overdue = this.outstanding.takeOverdue(now);
    for (const message of overdue) this.retryOrPark(message);
    this.checkpoint(true);
    if (overdue.length > 0) this.pump();
  }

  /** Sends on what can be sent. */
  pump(): void {
    if (this.consumers.size === 0) return;
    const readMore = this.fill();
    this.queue.offer((message) => this.offer(message));
    if (!readMore) return;
    this.nextTurn ??= setImmediate(() => {
      this.nextTurn = undefined;
      this.pump();
    });
  }

  /** Ends all subscriptions; the group hands out nothing more. */
  drop(error: RpcError): void {
    clearImmediate(this.nextTurn);
    const dropped = [...this.consumers];
    this.consumers.clear();
    for (const consumer of dropped) consumer.out.fail(error);
  }

  /** Saves how far all is done, whatever the settings say about when. */
  saveCheckpoint(): void {
    this.checkpoints.save(this.resumeFrom, (resumeFrom) => this.writeCheckpoint(resumeFrom));
  }

  private disconnect(consumer: Consumer): void {
    if (!this.consumers.delete(consumer)) return;
    this.strategy.remove(consumer);
    for (const message of this.outstanding.takeFrom(consumer)) this.retryOrPark(message);
    this.pump();
  }

  /** Reads ahead as far as the buffer allows; true when there was more to read than one turn should take. */
  private fill(): boolean {
    const limit = Math.max(1, this.stored.settings.historyBufferSize);
    this.loadReplayed(limit);
    for (let page = 0; page < PAGES_PER_TURN; page++) {
      const room = this.queue.room(limit);
      if (room === 0) return false;
      const wanted = Math.min(room, Math.max(LEAST_PAGE_EVENTS, this.stored.settings.readBatchSize));
      const { messages, next } = this.source.read(this.cursor, wanted);
      if (next === this.cursor) return false;
      this.cursor = next;
      this.queue.addFresh(messages);
    }
    return this.queue.room(limit) > 0;
  }

  private loadReplayed(limit: number): void {
    while (this.queue.retryCount < limit) {
      const revision = this.toReplay.shift();
      if (revision === undefined) return;
      const message = loadParked(this.store.log, this.stored, revision);
      if (message !== undefined) this.queue.addRetry(message);
    }
  }

  private offer(message: Message): 'taken' | 'left' | 'stop' {
    // Acknowledgements name ids, so two events of the same id must not be out at the same time.
    if (this.outstanding.has(message.id)) return 'left';
    const choice = this.strategy.choose(message);
    if (choice === 'full') return 'stop';
    if (choice === 'skip') return 'left';
    const { messageTimeout } = this.stored.settings;
    const due = messageTimeout === 0 ? Infinity : Date.now() + messageTimeout;
    this.outstanding.add(message, choice, due);
    this.delivered++;
    choice.push(message);
    return 'taken';
  }

  private retryOrPark(message: Message): void {
    const { maxRetryCount } = this.stored.settings;
    if (message.retryCount < maxRetryCount) {
      this.queue.addRetry({ ...message, retryCount: message.retryCount + 1 });
    } else {
      this.park(message, `Reached retry count of ${maxRetryCount}`);
    }
  }

  private park(message: Message, reason: string): void {
    const { store, table, stored } = this;
    this.parking.add(message);
    store.commits.submit(
      () => {
        park(store.log, stored, message, reason);
        if (message.parkedRevision !== undefined) table.removeReplayed(stored, message.parkedRevision);
      },
      () => {
        this.parking.delete(message);
        if (message.place !== undefined) this.checkpoints.countFinished();
        this.pump();
      },
      () => {
        this.parking.delete(message);
        this.queue.addRetry(message);
      },
    );
  }

  private finish(message: Message): void {
    if (message.place !== undefined) this.checkpoints.countFinished();
    const { parkedRevision } = message;
    if (parkedRevision === undefined) return;
    const { store, table, stored } = this;
    // When this fails the message comes again after a restart, which is allowed.
    store.commits.submit(
      () => table.removeReplayed(stored, parkedRevision),
      () => undefined,
      () => undefined,
    );
  }

  private checkpoint(isTick: boolean): void {
    if (this.checkpoints.isDue(isTick, this.cursor)) this.saveCheckpoint();
  }

  private writeCheckpoint(resumeFrom: number): Promise<void> {
    return this.store.commits.run(() => this.table.saveCheckpoint(this.stored, resumeFrom));
  }
}
