import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { Clock } from '#libs/configuration';
import { LetterOfReminder } from '#libs/commands';
import { PdfPrinter } from '#libs/documents';
import type { Asker } from '../access/asker.js';
import { Turns } from './turns.js';

/** Where Chromium is unless PUPPETEER_EXECUTABLE_PATH says otherwise. */
const DEFAULT_BROWSER = '/usr/bin/chromium';

/** A person waits for it: what takes longer is not worth the wait. */
const LONGEST_PRINT_MS = 10_000;

/** Prints letters that somebody wants to look at, one at a time for each person; what is sent is printed by the worker. */
@Injectable()
export class LetterPress implements OnApplicationShutdown {
  private readonly printer = new PdfPrinter({
    executablePath: process.env['PUPPETEER_EXECUTABLE_PATH'] || DEFAULT_BROWSER,
    atOnce: 1,
    mostWaiting: 20,
    timeoutMs: LONGEST_PRINT_MS,
  });

  constructor(
    private readonly queries: QueryBus,
    private readonly turns: Turns,
    private readonly clock: Clock,
  ) {}

  /**
   * The letter of a line as it would go out now: the PDF that was supplied with it, or its template filled in.
   *
   * @throws CommandRefused UNKNOWN_REMINDER, UNKNOWN_PARTY; EdgeFailure 429; PrinterBusy, PrinterUnavailable, PrintFailed
   */
  async letterOf(asker: Asker, lineId: string): Promise<{ readonly name: string; readonly bytes: Buffer }> {
    const at = this.clock.now();
    const letter = await this.queries.execute(new LetterOfReminder(asker.agency, lineId, at));
    const bytes = 'pdf' in letter ? letter.pdf : await this.print(asker, letter.html);
    return { name: letter.name, bytes };
  }

  /** @throws EdgeFailure 429; PrinterBusy, PrinterUnavailable, PrintFailed */
  print({ actor }: Pick<Asker, 'actor'>, html: string): Promise<Buffer> {
    return this.turns.take(actor, () => this.printer.print(html));
  }

  onApplicationShutdown(): Promise<void> {
    return this.printer.close();
  }
}
