/** Durations in milliseconds, or rates per second. */
export type Series = number[];

export function median(series: Series): number {
  const sorted = series.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}

/** Runs `work` and adds how long it took to the series. */
export async function timed(series: Series, work: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  await work();
  series.push(performance.now() - started);
}

/** Reads to the end; answers how many there were. */
export async function countOf(things: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const thing of things) if (thing) count += 1;
  return count;
}

/** Runs every piece of work, `width` at a time; answers how many were done in a second. */
export async function rate(width: number, work: readonly (() => Promise<unknown>)[]): Promise<number> {
  const waiting = work.values();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const piece of waiting) await piece();
    }),
  );
  return (work.length / (performance.now() - started)) * 1_000;
}

export const row = (label: string, ...cells: string[]): string =>
  `  ${label.padEnd(52)}${cells.map((cell) => cell.padStart(16)).join('')}`;
export const ms = (value: number): string => `${value.toFixed(2)} ms`;
export const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')} /s`;
export const ratio = (value: number): string => `× ${value.toFixed(2)}`;
