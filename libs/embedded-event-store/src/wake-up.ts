import type { Outgoing } from './outgoing.js';
import type { Store } from './store.js';

/** Lets one subscription sleep until something was committed or its client left. */
export class WakeUp {
  private sleeper: (() => void) | undefined;
  private missed = false;

  constructor(store: Store, out: Outgoing) {
    const stopListening = store.onCommitted(() => this.wake());
    out.onStop(() => {
      stopListening();
      this.wake();
    });
  }

  /** Call before looking for events: a commit from now on makes the next `sleep` return at once. */
  reset(): void {
    this.missed = false;
  }

  sleep(): Promise<void> {
    if (this.missed) return Promise.resolve();
    return new Promise((resolve) => (this.sleeper = resolve));
  }

  private wake(): void {
    this.missed = true;
    this.sleeper?.();
    this.sleeper = undefined;
  }
}
