import { roomOf, type StoredEvent } from './stored-event.js';

/** Events that a page of the real server's filtered read holds at most. */
const MATCHES_PER_PAGE = 32;

/**
 * Says when a filtered subscription to `$all` is due a checkpoint, and where. The real server has two ways, and clients see
 * both: while catching up it counts by pages of its read and names the place where the page began (the first is 0/0, later ones
 * have no prepare position); once live it counts events and names the event.
 */
export class CheckpointClock {
  private readonly interval: number;
  private counted = 0;
  private live = false;
  private pageStart = 0;
  private consideredInPage = 0;
  private matchedInPage = 0;

  constructor(
    private readonly window: number,
    intervalMultiplier: number,
  ) {
    this.interval = window * intervalMultiplier;
  }

  startAt(position: number): void {
    this.pageStart = position;
  }

  /** The end of the log was reached: what was counted so far counts on. */
  goLive(): void {
    if (this.live) return;
    this.live = true;
    this.counted += this.consideredInPage;
  }

  /** Counts an event that was looked at, and returns the checkpoint that is due after it. */
  see(event: StoredEvent, accepted: boolean): { commit: number; prepare: number } | undefined {
    return this.live ? this.seeLive(event) : this.seeCatchingUp(event, accepted);
  }

  private seeLive({ position }: StoredEvent): { commit: number; prepare: number } | undefined {
    this.counted++;
    if (this.counted < this.interval) return undefined;
    this.counted = 0;
    return { commit: position, prepare: position };
  }

  private seeCatchingUp(event: StoredEvent, accepted: boolean): { commit: number; prepare: number } | undefined {
    this.consideredInPage++;
    if (accepted) this.matchedInPage++;
    if (this.consideredInPage < this.window && this.matchedInPage < MATCHES_PER_PAGE) return undefined;
    const start = this.pageStart;
    this.counted += this.consideredInPage;
    this.consideredInPage = 0;
    this.matchedInPage = 0;
    this.pageStart = event.position + roomOf(event.type, event.data, event.metadata);
    if (this.counted < this.interval) return undefined;
    this.counted %= this.interval;
    return { commit: start, prepare: 0 };
  }
}
