import type { INestApplicationContext } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import puppeteer, { type Browser } from 'puppeteer';
import { CommandCredit, CommandLetter, LetterById, letterStream, SubmitLetter } from '#libs/commands';
import { DocumentStore, inspectPdf, renderAcknowledgement } from '#libs/documents';
import { Keyring } from '#libs/event-store';
import { letterHtml, letterOf, type CampaignRecipient } from './campaign-letters.js';
import { context } from './letters.js';

/**
 * The way that comes to mind first: for each recipient, one after the other, a Puppeteer page for the letter, its submission, a page for the
 * acknowledgement, its deposit; in one process with a browser that stays. Commands and stores are Pli's own, so that the printing and
 * the order of things alone make the difference; nothing else is at work meanwhile, no e-mail goes out.
 */
export class NaiveWay {
  private constructor(
    private readonly app: INestApplicationContext,
    private readonly browser: Browser,
  ) {}

  static async start(app: INestApplicationContext, executablePath: string): Promise<NaiveWay> {
    const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox', '--font-render-hinting=none'] });
    const way = new NaiveWay(app, browser);
    await way.print('<p>warm</p>');
    return way;
  }

  /** @returns milliseconds that it took */
  async deposit(recipients: readonly CampaignRecipient[]): Promise<number> {
    const started = performance.now();
    for (const recipient of recipients) await this.depositOne(recipient);
    return performance.now() - started;
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  private async depositOne(recipient: CampaignRecipient): Promise<void> {
    const [commands, queries, documents] = [
      this.app.get(CommandBus),
      this.app.get(QueryBus),
      this.app.get(DocumentStore),
    ];
    const { letterId, name } = recipient;
    const letter = letterOf(recipient, await this.print(letterHtml(recipient)));
    await commands.execute(new SubmitLetter(letter, context()));
    const { state } = await queries.execute(new LetterById(letterId));
    if (state.status !== 'submitted') throw new TypeError(`Letter ${letterId} is ${state.status}.`);
    const at = new Date().toISOString();
    const { reference } = state.terms;
    const html = renderAcknowledgement({ reference, recipientName: `M. ${name}`, depositedAt: at, documentCount: 1 });
    const bytes = await this.print(html);
    const key = (await this.app.get(Keyring).get(letterStream(letterId))).derive('documents');
    const acknowledgement = { ...(await documents.put(letterId, key, bytes)), ...(await inspectPdf(bytes)) };
    await commands.execute(new CommandLetter(letterId, { type: 'confirmDeposit', at, acknowledgement }, context()));
    await commands.execute(new CommandCredit(letter.agency.id, { type: 'consume', letterId, at }, context()));
  }

  private async print(html: string): Promise<Buffer> {
    const page = await this.browser.newPage();
    try {
      await page.setContent(html);
      return Buffer.from(
        await page.pdf({ format: 'A4', preferCSSPageSize: true, printBackground: true, tagged: true }),
      );
    } finally {
      await page.close();
    }
  }
}
