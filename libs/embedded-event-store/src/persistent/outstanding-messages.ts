import type { Consumer } from './consumer.js';
import type { Message } from './message.js';

interface Outstanding {
  readonly message: Message;
  readonly consumer: Consumer;
  /** When the consumer is taken to have failed, in milliseconds since the epoch. */
  readonly due: number;
}

/** The messages of a group that consumers have and did not answer yet. */
export class OutstandingMessages {
  private readonly entries = new Map<string, Outstanding>();

  get size(): number {
    return this.entries.size;
  }

  has(id: string): boolean {
    return this.entries.has(id);
  }

  add(message: Message, consumer: Consumer, due: number): void {
    this.entries.set(message.id, { message, consumer, due });
  }

  /** Takes a message back from the consumer that has it. */
  take(id: string): Message | undefined {
    const entry = this.entries.get(id);
    if (entry === undefined) return undefined;
    this.entries.delete(id);
    entry.consumer.release(id);
    return entry.message;
  }

  /** Takes back what should have been answered by now. */
  takeOverdue(now: number): Message[] {
    return this.takeWhere(({ due }) => due <= now);
  }

  /** Takes back everything that a consumer has. */
  takeFrom(consumer: Consumer): Message[] {
    return this.takeWhere((entry) => entry.consumer === consumer);
  }

  /** The lowest place of a message of the source; Infinity when there is none. */
  lowestPlace(): number {
    let lowest = Infinity;
    for (const { message } of this.entries.values()) lowest = Math.min(lowest, message.place ?? Infinity);
    return lowest;
  }

  private takeWhere(condition: (entry: Outstanding) => boolean): Message[] {
    return [...this.entries].flatMap(([id, entry]) => (condition(entry) ? (this.take(id) ?? []) : []));
  }
}
