/** Tells the instant, ISO 8601 UTC with milliseconds. Injected wherever a command needs its `at`, so that a test sets it. */
export abstract class Clock {
  abstract now(): string;
}

export class SystemClock extends Clock {
  now(): string {
    return new Date().toISOString();
  }
}
