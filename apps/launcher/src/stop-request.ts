/** Whether somebody has asked this process to end. */
export interface StopRequest {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Resolves with the first signal. */
  readonly received: Promise<void>;
}

/**
 * From now on Ctrl-C, SIGTERM and SIGHUP ask for an orderly stop. One press can arrive twice (from the terminal and passed
 * on by npm), so that a second signal changes nothing; every stop is bounded in time anyway.
 */
export function listenForStop(): StopRequest {
  const controller = new AbortController();
  const received = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        controller.abort();
        resolve();
      });
    }
  });
  return { signal: controller.signal, received };
}
