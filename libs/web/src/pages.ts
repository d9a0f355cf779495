import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';

const SHARED_PARTS = fileURLToPath(new URL('./pages/', import.meta.url));

const paris = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('fr-FR', { timeZone: 'Europe/Paris', ...options });
const DAY = paris({ day: '2-digit', month: '2-digit', year: 'numeric' });
const LONG_DAY = paris({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const TIME = paris({ hour: '2-digit', minute: '2-digit' });
const SECOND = paris({ hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Dates as the pages write them: the law's zone is Europe/Paris, the manual's signature page is in GMT (page 15). */
export const dates = {
  day: (instant: string): string => DAY.format(new Date(instant)),
  longDay: (instant: string): string => LONG_DAY.format(new Date(instant)),
  dayAndTime: (instant: string): string => `${DAY.format(new Date(instant))} à ${TIME.format(new Date(instant))}`,
  dayAndSecond: (instant: string): string => `${DAY.format(new Date(instant))} à ${SECOND.format(new Date(instant))}`,
  gmt: (instant: string): string => `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} GMT`,
  /** A window ends at 24:00 Paris time, which is the first instant of the day after its last day. */
  lastDay: (windowEndsAt: string): string => LONG_DAY.format(new Date(Date.parse(windowEndsAt) - 1)),
};

/** What every page knows without being told by its controller. */
export interface Site {
  /** Shown in the header, beside the product's name. */
  name: string;
  /** Entry of the trusted list; absent: every page says « service non qualifié » (L.101 CPCE). */
  qualification?: string | undefined;
}

/**
 * The pages of one application: every `*.hbs` of its folder is a page, every `_*.hbs` a part, and `layout` of this library goes around.
 * Templates are read once, at start, so that a broken one stops the start and not a reader.
 */
export class Pages {
  private readonly handlebars = Handlebars.create();
  private readonly templates = new Map<string, Handlebars.TemplateDelegate>();

  constructor(
    folder: URL,
    private readonly site: Site,
  ) {
    for (const [name, helper] of Object.entries(dates)) this.handlebars.registerHelper(name, helper);
    this.handlebars.registerHelper('eq', (left: unknown, right: unknown) => left === right);
    for (const directory of [SHARED_PARTS, fileURLToPath(folder)]) this.readFolder(directory);
  }

  /** @returns the whole HTML document of page `name`; `data.title` is its title. */
  render(name: string, data: { title: string } & Record<string, unknown>): string {
    const context = { ...data, site: this.site, page: name };
    const content = new Handlebars.SafeString(this.template(name)(context));
    return this.template('layout')({ ...context, content });
  }

  private template(name: string): Handlebars.TemplateDelegate {
    const template = this.templates.get(name);
    if (!template) throw new PageMissing(name);
    return template;
  }

  private readFolder(directory: string): void {
    for (const file of readdirSync(directory).filter((name) => name.endsWith('.hbs'))) {
      const source = readFileSync(join(directory, file), 'utf8');
      const name = basename(file, '.hbs');
      if (name.startsWith('_')) this.handlebars.registerPartial(name.slice(1), source);
      else this.templates.set(name, this.handlebars.compile(source));
    }
  }
}

/** A controller names a page that no file of its application's `pages` folder holds. */
class PageMissing extends Error {
  readonly code = 'PAGE_MISSING';
  constructor(name: string) {
    super(`There is no page « ${name} »: add ${name}.hbs to the application's pages folder.`);
  }
}
