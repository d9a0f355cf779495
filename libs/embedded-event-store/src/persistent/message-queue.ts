import { sizeOf, type Message } from './message.js';

/** Messages beyond this many bytes are not read ahead. */
const READ_AHEAD_BYTES = 8 * 1024 * 1024;

/** Messages that wait for a consumer: those to be tried again come before those never sent. */
export class MessageQueue {
  private readonly retries: Message[] = [];
  private readonly fresh: Message[] = [];
  private freshBytes = 0;

  get retryCount(): number {
    return this.retries.length;
  }

  get freshCount(): number {
    return this.fresh.length;
  }

  /** Room for fresh messages, given how many may wait. */
  room(limit: number): number {
    return this.freshBytes >= READ_AHEAD_BYTES ? 0 : Math.max(0, limit - this.fresh.length);
  }

  addFresh(messages: readonly Message[]): void {
    for (const message of messages) {
      this.fresh.push(message);
      this.freshBytes += sizeOf(message);
    }
  }

  /** Puts a message among the retries, those of the source in their order there. */
  addRetry(message: Message): void {
    const { place } = message;
    const index = place === undefined ? -1 : this.retries.findIndex((other) => (other.place ?? -1) > place);
    this.retries.splice(index < 0 ? this.retries.length : index, 0, message);
  }

  /**
   * Offers the messages in order. `offer` says whether it took the message, left it, or wants no more.
   */
  offer(offer: (message: Message) => 'taken' | 'left' | 'stop'): void {
    if (!this.offerRetries(offer)) return;
    const left: Message[] = [];
    let seen = 0;
    for (const message of this.fresh) {
      const result = offer(message);
      if (result === 'stop') break;
      seen++;
      if (result === 'left') left.push(message);
      else this.freshBytes -= sizeOf(message);
    }
    if (left.length < seen) this.fresh.splice(0, seen, ...left);
  }

  /** The lowest place of a waiting message of the source. */
  lowestPlace(): number | undefined {
    const retry = this.retries.find((message) => message.place !== undefined)?.place;
    const fresh = this.fresh[0]?.place;
    return retry === undefined ? fresh : Math.min(retry, fresh ?? Infinity);
  }

  private offerRetries(offer: (message: Message) => 'taken' | 'left' | 'stop'): boolean {
    for (const message of [...this.retries]) {
      const result = offer(message);
      if (result === 'stop') return false;
      if (result === 'taken') this.retries.splice(this.retries.indexOf(message), 1);
    }
    return true;
  }
}
