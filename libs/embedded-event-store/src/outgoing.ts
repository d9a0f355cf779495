import type { RpcError } from './rpc-errors.js';

/** What the server's streaming calls have in common, whatever their request. */
export interface OutgoingCall<Message> {
  readonly cancelled: boolean;
  readonly writableEnded: boolean;
  write(message: Message): boolean;
  end(): void;
  once(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  emit(event: 'error', error: RpcError): boolean;
}

/**
 * The sending half of a call. Nothing is sent faster than the client takes it: `send` says when to wait, and nothing is kept
 * here for a client that is slow.
 */
export class Outgoing<Message = Buffer> {
  private stopped = false;
  private draining: Promise<void> | undefined;
  private readonly stopListeners = new Set<() => void>();

  constructor(private readonly call: OutgoingCall<Message>) {
    call.once('cancelled', () => this.stop());
    call.once('close', () => this.stop());
  }

  /** True once the client is gone or the call was ended from here. */
  get isStopped(): boolean {
    return this.stopped || this.call.cancelled;
  }

  /** Hands a message over; when the answer is a promise, wait for it before the next. */
  send(message: Message): Promise<void> | undefined {
    if (this.isStopped || this.call.write(message)) return undefined;
    return this.drained();
  }

  /** Calls `listener` once when the call is over. */
  onStop(listener: () => void): void {
    if (this.isStopped) listener();
    else this.stopListeners.add(listener);
  }

  /** Ends the call with status OK, after what was sent. */
  end(): void {
    if (this.isStopped) return;
    this.stop();
    this.call.end();
  }

  /** Ends the call with an error, after what was sent. */
  fail(error: RpcError): void {
    if (this.isStopped) return;
    this.stop();
    this.call.emit('error', error);
  }

  private stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    for (const listener of this.stopListeners) listener();
    this.stopListeners.clear();
  }

  /** All who wait share one listener, however many messages went out at once. */
  private drained(): Promise<void> {
    this.draining ??= new Promise((resolve) => {
      const done = () => {
        this.call.off('drain', done);
        this.stopListeners.delete(done);
        this.draining = undefined;
        resolve();
      };
      this.call.once('drain', done);
      this.onStop(done);
    });
    return this.draining;
  }
}
