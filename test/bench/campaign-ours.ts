import type { INestApplicationContext } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { SubmitLetter } from '#libs/commands';
import { PdfPrinter } from '#libs/documents';
import { EventStore } from '#libs/event-store';
import { letterHtml, letterOf, type CampaignRecipient } from './campaign-letters.js';
import { rate } from './figures.js';
import { context } from './letters.js';

/** Letters that are on their way to being submitted at the same time. */
const IN_FLIGHT = 64;

/** Milliseconds from the beginning until all letters had got so far. */
interface Times {
  readonly submitted: number;
  readonly deposited: number;
  readonly notified: number;
}

/** A campaign as Pli deposits it: letters printed and submitted many at once, while the instance's worker deposits them and writes to the recipients. */
export class OurWay {
  constructor(
    private readonly app: INestApplicationContext,
    private readonly chromium: string,
  ) {}

  async deposit(recipients: readonly CampaignRecipient[]): Promise<Times> {
    const printer = new PdfPrinter({ executablePath: this.chromium });
    const stop = new AbortController();
    const started = performance.now();
    const reached = this.reached(new Set(recipients.map(({ letterId }) => letterId)), started, stop.signal);
    try {
      await rate(
        IN_FLIGHT,
        recipients.map((recipient) => () => this.submit(printer, recipient)),
      );
      return { submitted: performance.now() - started, ...(await reached) };
    } finally {
      stop.abort();
      await printer.close();
    }
  }

  /** Waits until the worker has nothing left to do for letters that are deposited. */
  async notified(recipients: readonly CampaignRecipient[]): Promise<void> {
    const stop = new AbortController();
    await this.reached(new Set(recipients.map(({ letterId }) => letterId)), 0, stop.signal);
    stop.abort();
  }

  private async submit(printer: PdfPrinter, recipient: CampaignRecipient): Promise<void> {
    const pdf = await printer.print(letterHtml(recipient), { createdAt: '2018-03-20T13:37:07.000Z' });
    await this.app.get(CommandBus).execute(new SubmitLetter(letterOf(recipient, pdf), context()));
  }

  /** Counts the events of the store. */
  private async reached(
    letterIds: ReadonlySet<string>,
    started: number,
    signal: AbortSignal,
  ): Promise<Pick<Times, 'deposited' | 'notified'>> {
    const waiting = { Deposited: new Set(letterIds), Notified: new Set(letterIds) };
    const times = { Deposited: 0, Notified: 0 };
    const events = this.app
      .get(EventStore)
      .subscribe({ prefixes: ['letter-'], types: new Set(Object.keys(times)), from: 'start', signal });
    for await (const item of events) {
      if (item.kind !== 'event') continue;
      const type = item.event.event.type as keyof typeof times;
      if (waiting[type].delete(item.event.stream.slice('letter-'.length)) && waiting[type].size === 0)
        times[type] = performance.now() - started;
      if (times.Deposited && times.Notified) break;
    }
    return { deposited: times.Deposited, notified: times.Notified };
  }
}
