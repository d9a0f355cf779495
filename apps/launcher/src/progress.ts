/** Tells the person at the terminal what is being done and how long it took; on stderr, stdout belongs to results. */
export interface Progress {
  readonly say: (line: string) => void;
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
}

/** Seconds since an instant of `performance.now()`, for people. */
export const secondsSince = (started: number): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;

function progressOn(say: (line: string) => void): Progress {
  return {
    say,
    async step(title, work) {
      say(`· ${title} …`);
      const started = performance.now();
      const result = await work();
      say(`✓ ${title} (${secondsSince(started)})`);
      return result;
    },
  };
}

export const progressOnTerminal = progressOn((line) => process.stderr.write(`${line}\n`));
export const silentProgress = progressOn(() => undefined);
