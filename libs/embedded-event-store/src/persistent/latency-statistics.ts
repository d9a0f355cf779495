/** Answers remembered for the figures. */
const REMEMBERED = 1_000;

/** The extra statistics of a consumer: how long it took from a message to its answer, in whole milliseconds. */
export class LatencyStatistics {
  private readonly latencies: number[] = [];
  private next = 0;

  add(milliseconds: number): void {
    this.latencies[this.next] = Math.round(milliseconds);
    this.next = (this.next + 1) % REMEMBERED;
  }

  /** The figures under the names that the real server gives them. */
  measurements(): [name: string, value: number][] {
    const sorted = [...this.latencies].sort((a, b) => a - b);
    if (sorted.length === 0) sorted.push(0);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    const sum = sorted.reduce((total, latency) => total + latency, 0);
    return [
      ['Mean', Math.round(sum / sorted.length)],
      ['Median', at(0.5)],
      ['Fastest', at(0)],
      ['Quintile 1', at(0.2)],
      ['Quintile 2', at(0.4)],
      ['Quintile 3', at(0.6)],
      ['Quintile 4', at(0.8)],
      ['Quintile 5', at(1)],
      ['90%', at(0.9)],
      ['95%', at(0.95)],
      ['99%', at(0.99)],
      ['99.5%', at(0.995)],
      ['99.9%', at(0.999)],
      ['Highest', at(1)],
    ];
  }
}
