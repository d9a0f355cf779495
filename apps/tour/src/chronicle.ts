import type { AgencyApi, ShownLetter } from './agency-api.js';
import { TourFailure } from './waiting.js';

/** Prints a line of the tour. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Tells what is done with one letter: each step with the events that were stored for it. */
export class Chronicle {
  private told = 0;

  constructor(
    private readonly api: AgencyApi,
    readonly letterId: string,
  ) {}

  /** Waits until there is an event of each of these types, then prints the step and every event since the step before. */
  async step(what: string, ...types: string[]): Promise<ShownLetter> {
    const letter = await this.api.hasEvents(this.letterId, ...types);
    say(`   ${what}`);
    for (const { revision, type, at } of letter.events.slice(this.told))
      say(`      ${String(revision).padStart(3)}  ${at}  ${type}`);
    this.told = letter.events.length;
    return letter;
  }

  /** Prints how the letter ended. @throws TourFailure when that is not as expected. */
  async end(expected: string): Promise<void> {
    const { status } = await this.api.letter(this.letterId);
    say(`   → ${status}`);
    if (status !== expected) throw new TourFailure(`Letter ${this.letterId} is ${status} instead of ${expected}.`);
  }
}
