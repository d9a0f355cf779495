import type { Browser, Page } from 'puppeteer';
import { ROUTES } from '../../apps/agency/src/spec/routes.js';
import { press, type } from '../../apps/tour/src/browser.js';
import type { Album } from './album.js';
import { faultsOf } from './inspection.js';

/** Pages of one address that the walk looks at: letters in several states, third parties with and without consent. */
const MOST_OF_A_KIND = 3;

const PATHS = Object.keys(ROUTES)
  .filter((name) => name.startsWith('GET /') && !name.startsWith('GET /api/') && name !== 'GET /health/live')
  .map((name) => name.slice('GET '.length));

/** Paths as Express writes them, those without parameters first, with what they match. */
const PATTERNS = PATHS.toSorted((left, right) => left.split(':').length - right.split(':').length).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`),
}));

const pathOf = (address: string): string | undefined =>
  PATTERNS.find(({ pattern }) => pattern.test(decodeURI(address.split('?')[0] ?? '')))?.path;

/** What a walk through an agency's pages found. */
export interface Walked {
  /** By address: what is wrong with the page. Pages without a fault are absent. */
  readonly faults: Record<string, readonly string[]>;
  /** The addresses that were looked at, by path. */
  readonly seen: Map<string, string[]>;
  /** The templates that were shown. */
  readonly templates: Set<string>;
  /** Paths whose page showed a table with rows, and those whose page said that there is nothing yet. */
  readonly filled: Set<string>;
  readonly empty: Set<string>;
}

/** Follows every link from the first page on, as somebody who has logged in. */
export class AgencyWalk implements Walked {
  readonly faults: Record<string, readonly string[]> = {};
  readonly seen = new Map<string, string[]>();
  readonly templates = new Set<string>();
  readonly filled = new Set<string>();
  readonly empty = new Set<string>();
  private readonly queue: string[] = [];
  private readonly known = new Set<string>();

  private constructor(
    readonly page: Page,
    private readonly origin: string,
    private readonly album: Album | undefined,
  ) {}

  /** @param album for pictures of the pages; none are taken without it. */
  static async logIn(
    browser: Browser,
    origin: string,
    login: { readonly email: string; readonly password: string },
    album?: Album,
  ): Promise<AgencyWalk> {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    // Two walks at once: each page must believe that it has the keyboard.
    await (await page.createCDPSession()).send('Emulation.setFocusEmulationEnabled', { enabled: true });
    const walk = new AgencyWalk(page, origin, album);
    await walk.look('/connexion');
    await type(page, 'email', login.email);
    await type(page, 'password', login.password);
    await press(page, 'Se connecter');
    return walk;
  }

  /** Looks at these addresses, then at whatever their links lead to. */
  async follow(...addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      this.note(address);
      await this.look(address);
    }
    for (let address = this.queue.shift(); address !== undefined; address = this.queue.shift()) {
      if (!this.isDue(address)) continue;
      const kind = await this.kindOf(address);
      if (kind === 'page') await this.look(address);
      if (kind === 'broken') this.faults[address] = ['is linked to, but is not there'];
    }
  }

  /** Looks at one page, whatever its status. */
  async look(address: string): Promise<number> {
    const answer = await this.page.goto(`${this.origin}${address}`);
    await this.inspect(address);
    return answer?.status() ?? 0;
  }

  /** Looks at the page that is shown now, such as a form's answer. */
  async inspect(name: string): Promise<void> {
    const { template, links, rows, hasEmpty } = await this.page.evaluate(() => ({
      template: document.querySelector('main')?.dataset['page'] ?? '',
      links: [...document.querySelectorAll<HTMLAnchorElement>('a[href]')].map(({ href }) => href),
      rows: document.querySelectorAll('tbody tr').length,
      hasEmpty: /\b(Aucune?|Rien)\b/.test(document.querySelector('main')?.textContent ?? ''),
    }));
    const path = pathOf(name);
    if (path !== undefined) {
      if (rows > 0) this.filled.add(path);
      if (hasEmpty) this.empty.add(path);
    }
    this.templates.add(template);
    this.queue.push(...links.filter((link) => link.startsWith(`${this.origin}/`)).map((link) => this.local(link)));
    const faults = await faultsOf(this.page);
    if (faults.length > 0) this.faults[name] = faults;
    await this.album?.picture(this.page, template);
  }

  private local(link: string): string {
    const { pathname, search } = new URL(link);
    return `${pathname}${search}`;
  }

  /** Whether an address was not looked at yet, and others of its kind not often enough. */
  private isDue(address: string): boolean {
    const path = pathOf(address);
    if (path === undefined || this.known.has(address)) return false;
    const before = this.seen.get(path) ?? [];
    // Of a list with its filters in the address one is enough, unless the walk was told to look at others.
    if (before.length >= (path.includes(':') ? MOST_OF_A_KIND : 1)) return false;
    this.note(address);
    return true;
  }

  private note(address: string): void {
    const path = pathOf(address);
    this.known.add(address);
    if (path !== undefined) this.seen.set(path, [...(this.seen.get(path) ?? []), address]);
  }

  /** Paths that no link led to, and that are pages all the same. */
  async forgotten(): Promise<readonly string[]> {
    const forgotten: string[] = [];
    for (const path of PATHS.filter((each) => !this.seen.has(each))) {
      const address = this.example(path);
      if (address === undefined) forgotten.push(`${path}: nothing of its kind was seen`);
      else if ((await this.kindOf(address)) === 'page') forgotten.push(path);
    }
    return forgotten;
  }

  /** An address of this path, made from one of the path that leads to it. */
  private example(path: string): string | undefined {
    if (!path.includes(':')) return path;
    const parents = [...this.seen.keys()].filter((seen) => seen.includes(':') && path.startsWith(`${seen}/`));
    const parent = parents.toSorted((left, right) => right.length - left.length)[0];
    const known = parent && this.seen.get(parent)?.[0]?.split('?')[0];
    return known && `${known}${path.slice(parent.length)}`;
  }

  /** What is behind an address: a page; a file, a stream or another address; nothing that can be shown. */
  private kindOf(address: string): Promise<'page' | 'other' | 'broken'> {
    return this.page.evaluate(async (wanted) => {
      const abort = new AbortController();
      const answer = await fetch(wanted, { redirect: 'manual', signal: abort.signal });
      abort.abort();
      if (answer.status >= 400) return 'broken';
      return (answer.headers.get('content-type') ?? '').startsWith('text/html') ? 'page' : 'other';
    }, address);
  }
}
