import { randomUUID } from 'node:crypto';
import { encodeReadEvent, type UuidForm } from '../encode-event.js';
import type { Outgoing } from '../outgoing.js';
import { LatencyStatistics } from './latency-statistics.js';
import type { Message } from './message.js';

/** Who a consumer is and how it wants its messages. */
export interface ConsumerDescription {
  /** Address and port of its connection. */
  readonly from: string;
  readonly userName: string;
  readonly connectionName: string;
  /** Messages that it takes before it has answered any. */
  readonly bufferSize: number;
  readonly uuidForm: UuidForm;
  readonly extraStatistics: boolean;
}

/** One client that reads from a group. */
export class Consumer {
  readonly key = randomUUID();
  readonly latencies: LatencyStatistics | undefined;
  /** Messages that it has and did not answer yet, with the time they were sent (milliseconds since the process began). */
  private readonly inFlight = new Map<string, number>();
  private blocked = false;
  private sent = 0;
  private readonly since = performance.now();

  constructor(
    readonly out: Outgoing,
    readonly description: ConsumerDescription,
    private readonly onReady: () => void,
  ) {
    this.latencies = description.extraStatistics ? new LatencyStatistics() : undefined;
  }

  /** True while it may be given another message: its buffer has room and its connection takes data. */
  get isReady(): boolean {
    return !this.blocked && !this.out.isStopped && this.inFlight.size < this.description.bufferSize;
  }

  get inFlightCount(): number {
    return this.inFlight.size;
  }

  get availableSlots(): number {
    return Math.max(0, this.description.bufferSize - this.inFlight.size);
  }

  get totalItems(): number {
    return this.sent;
  }

  get averagePerSecond(): number {
    return Math.round((this.sent * 1000) / Math.max(1, performance.now() - this.since));
  }

  push(message: Message): void {
    this.inFlight.set(message.id, performance.now());
    this.sent++;
    const wait = this.out.send(encodeReadEvent(message.resolved, this.description.uuidForm, message.retryCount));
    if (wait === undefined) return;
    this.blocked = true;
    void wait.then(() => {
      this.blocked = false;
      this.onReady();
    });
  }

  /** Frees the message's slot; false when this consumer does not have it. */
  release(id: string): boolean {
    const sentAt = this.inFlight.get(id);
    if (sentAt === undefined) return false;
    this.latencies?.add(performance.now() - sentAt);
    return this.inFlight.delete(id);
  }
}
