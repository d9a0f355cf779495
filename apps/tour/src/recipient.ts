import type { Browser, Page } from 'puppeteer';
import { fetchInPage, PHONE, press, textOf, type } from './browser.js';
import type { Inbox } from './inbox.js';
import { TourFailure } from './waiting.js';

/** What the last page of the ceremony tells. */
export interface Receipt {
  readonly reference: string;
  readonly packageNumber: string;
}

/** A recipient with a phone, who has no account: only the link of an e-mail. */
export class Recipient {
  private constructor(
    readonly page: Page,
    private readonly inbox: Inbox,
  ) {}

  /** Opens the link of the notice in a browser that knows nothing of earlier visits. */
  static async open(browser: Browser, inbox: Inbox, email: string, title: string): Promise<Recipient> {
    const notice = await inbox.mail(email, title);
    const link = notice.links.find((address) => address.includes('/lre/'));
    if (!link) throw new TourFailure(`The e-mail « ${notice.subject} » to ${email} holds no link to the letter.`);
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport(PHONE);
    await page.goto(link);
    return new Recipient(page, inbox);
  }

  /** Asks for a code and enters the one that comes by SMS; `count` is 1 for the first code of this number. */
  async identify(mobile: string, count = 1): Promise<void> {
    await press(this.page, 'Recevoir mon code par SMS');
    await this.enter(await this.inbox.code(mobile, count));
  }

  async enter(code: string): Promise<void> {
    await type(this.page, 'code', code);
    await press(this.page, 'Connexion');
  }

  accept(): Promise<void> {
    return press(this.page, 'Accord');
  }

  sign(): Promise<void> {
    return press(this.page, 'Signer');
  }

  async refuse(): Promise<void> {
    await press(this.page, 'Refus de signer');
    await press(this.page, 'Confirmer le refus');
  }

  /** Opens every document on the page and downloads it; answers the downloaded ones. */
  async readDocuments(): Promise<Buffer[]> {
    const addresses = await this.page.$$eval('button[formaction$="/telechargement"]', (buttons) =>
      buttons.map((button) => button.formAction),
    );
    const documents: Buffer[] = [];
    for (const address of addresses) {
      await fetchInPage(this.page, 'POST', address.replace(/\/telechargement$/, ''));
      documents.push(await fetchInPage(this.page, 'POST', address));
    }
    return documents;
  }

  /** From the documents to the last page. */
  async finish(): Promise<Receipt> {
    await press(this.page, 'Accepter');
    await press(this.page, 'Terminer');
    const text = await textOf(this.page);
    const reference = /LRE_\w+/.exec(text)?.[0];
    const packageNumber = /\b[0-9A-F]{12}\b/.exec(text)?.[0];
    if (!reference || !packageNumber) throw new TourFailure('The last page shows no reference or no package number.');
    return { reference, packageNumber };
  }

  close(): Promise<void> {
    return this.page.browserContext().close();
  }
}
