import type { Browser, Page } from 'puppeteer';
import { ROUTES } from '../../apps/agency/src/spec/routes.js';
import { press, type } from '../../apps/tour/src/browser.js';
import type { Album } from './album.js';
import { faultsOf } from './inspection.js';

/** Pages of one kind that the walk looks at by itself; of what has several states it is told all. */
const MOST_OF_A_KIND = 2;

/** What another page shows within itself. */
const WITHIN = new Set(['/modeles/:kind/:name/apercu']);

const PATHS = Object.keys(ROUTES)
  .filter((name) => name.startsWith('GET /') && !name.startsWith('GET /api/') && name !== 'GET /health/live')
  .map((name) => name.slice('GET '.length));

/** Paths as Express writes them, those without parameters first, with what they match. */
const PATTERNS = PATHS.toSorted((left, right) => left.split(':').length - right.split(':').length).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+').replaceAll(/\*\w+/g, '.+')}$`),
}));

const pathOf = (address: string): string | undefined =>
  PATTERNS.find(({ pattern }) => pattern.test(decodeURI(address.split('?')[0] ?? '')))?.path;

export interface Login {
  readonly email: string;
  readonly password: string;
}

/** Follows every link from the first page on, as somebody who has logged in. */
export class AgencyWalk {
  /** By address: what is wrong with the page. Pages without a fault are absent. */
  readonly faults: Record<string, readonly string[]> = {};
  /** The addresses that were looked at, by path. */
  readonly seen = new Map<string, string[]>();
  /** The templates that were shown. */
  readonly templates = new Set<string>();
  /** Paths whose page showed a table with rows, and those whose page said that there is nothing yet. */
  readonly filled = new Set<string>();
  readonly empty = new Set<string>();
  /** One address of each path that a link or a form named. */
  private readonly examples = new Map<string, string>();
  private readonly queue: string[] = [];
  private readonly known = new Set<string>();

  private constructor(
    readonly page: Page,
    private readonly origin: string,
    private readonly album: Album | undefined,
  ) {}

  /** As somebody who has not logged in. @param album for pictures of the pages; none are taken without it. */
  static async asVisitor(browser: Browser, origin: string, album?: Album): Promise<AgencyWalk> {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    // Two walks at once: each page must believe that it has the keyboard.
    await (await page.createCDPSession()).send('Emulation.setFocusEmulationEnabled', { enabled: true });
    return new AgencyWalk(page, origin, album);
  }

  static async logIn(browser: Browser, origin: string, login: Login, album?: Album): Promise<AgencyWalk> {
    const walk = await AgencyWalk.asVisitor(browser, origin, album);
    await walk.look('/connexion');
    await walk.enter(login);
    return walk;
  }

  /** Fills in the log-in that is shown. */
  async enter({ email, password }: Login): Promise<void> {
    await type(this.page, 'email', email);
    await type(this.page, 'password', password);
    await press(this.page, 'Se connecter');
  }

  /** Fills in the form that is shown, sends it, and looks at what comes. @returns the template of the answer */
  async submit(fields: Readonly<Record<string, string>>, button: string): Promise<string> {
    for (const [name, value] of Object.entries(fields)) await type(this.page, name, value);
    await press(this.page, button);
    return this.inspect(`${new URL(this.page.url()).pathname}, after « ${button} »`);
  }

  /** Looks at these addresses, then at whatever their links lead to. */
  async follow(...addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
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
    this.note(address);
    const answer = await this.page.goto(`${this.origin}${address}`);
    await this.inspect(address);
    return answer?.status() ?? 0;
  }

  /** Looks at the page that is shown now, such as a form's answer. @returns its template */
  async inspect(name: string): Promise<string> {
    const { template, links, actions, rows, hasEmpty } = await this.page.evaluate(() => ({
      template: document.querySelector('main')?.dataset['page'] ?? '',
      links: [...document.querySelectorAll<HTMLAnchorElement>('a[href]')].map(({ href }) => href),
      // Not `form.action`: a form may have a button of that name.
      actions: [...document.querySelectorAll('form[action]')].map(
        (form) => new URL(form.getAttribute('action') ?? '', document.baseURI).href,
      ),
      rows: document.querySelectorAll('tbody tr').length,
      hasEmpty: /\b(Aucune?|Rien)\b/.test(document.querySelector('main')?.textContent ?? ''),
    }));
    const path = pathOf(name);
    if (path !== undefined) {
      if (rows > 0) this.filled.add(path);
      if (hasEmpty) this.empty.add(path);
    }
    this.templates.add(template);
    const inside = (all: readonly string[]): string[] =>
      all.filter((link) => link.startsWith(`${this.origin}/`)).map((link) => this.local(link));
    this.queue.push(...inside(links));
    for (const address of inside([...links, ...actions])) this.examples.set(pathOf(address) ?? '', address);
    const faults = await faultsOf(this.page);
    if (faults.length > 0) this.faults[name] = faults;
    await this.album?.picture(this.page, template);
    return template;
  }

  /** Takes over what somebody else saw. */
  add({ templates, seen }: AgencyWalk): void {
    for (const template of templates) this.templates.add(template);
    for (const [path, addresses] of seen) this.seen.set(path, [...(this.seen.get(path) ?? []), ...addresses]);
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
    if (this.known.has(address)) return;
    this.known.add(address);
    if (path !== undefined) this.seen.set(path, [...(this.seen.get(path) ?? []), address]);
  }

  /** Paths that no link led to, and that are pages all the same. */
  async forgotten(): Promise<readonly string[]> {
    const forgotten: string[] = [];
    // Behind a star there are no pages, only where refused forms leave the address bar.
    for (const path of PATHS.filter((each) => !this.seen.has(each) && !each.includes('*') && !WITHIN.has(each))) {
      const address = this.example(path);
      if (address === undefined) forgotten.push(`${path}: nothing of its kind was seen`);
      else if ((await this.kindOf(address)) === 'page') forgotten.push(path);
    }
    return forgotten;
  }

  /** An address of this path, made from one of the path that leads to it. */
  private example(path: string): string | undefined {
    if (!path.includes(':')) return path;
    const named = this.examples.get(path);
    if (named !== undefined) return named;
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
