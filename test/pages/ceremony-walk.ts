import type { Browser, Page } from 'puppeteer';
import { press, type } from '../../apps/tour/src/browser.js';
import type { Inbox } from '../../apps/tour/src/inbox.js';
import type { Album } from './album.js';
import { faultsOf } from './inspection.js';

const NOTICE = 'lettre recommandée électronique';

/** Looks at the ceremony's pages as recipients come to them. */
export class CeremonyWalk {
  readonly faults: Record<string, readonly string[]> = {};
  readonly templates = new Set<string>();

  private constructor(
    readonly page: Page,
    private readonly inbox: Inbox,
    private readonly album: Album,
  ) {}

  static async begin(browser: Browser, inbox: Inbox, album: Album): Promise<CeremonyWalk> {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await (await page.createCDPSession()).send('Emulation.setFocusEmulationEnabled', { enabled: true });
    return new CeremonyWalk(page, inbox, album);
  }

  async look(): Promise<string> {
    const template = await this.page.evaluate(() => document.querySelector('main')?.dataset['page'] ?? '');
    const faults = await faultsOf(this.page);
    if (faults.length > 0) this.faults[`${template} ${this.page.url()}`] = faults;
    this.templates.add(template);
    await this.album.picture(this.page, `lre-${template}`, 560);
    return template;
  }

  async goto(address: string): Promise<string> {
    await this.page.goto(address);
    return this.look();
  }

  async openLink(email: string): Promise<string> {
    const { links } = await this.inbox.mail(email, NOTICE);
    return this.goto(links.find((link) => link.includes('/lre/')) ?? '');
  }

  async press(name: string): Promise<string> {
    await press(this.page, name);
    return this.look();
  }

  async enterCode(code: string): Promise<string> {
    await type(this.page, 'code', code);
    return this.press('Connexion');
  }
}
