import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { fontFaces } from './fonts.js';

/** A template that cannot be read, or that asks for something its data lacks. */
export class TemplateFailed extends Error {
  readonly code = 'TEMPLATE_FAILED';

  constructor(name: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `The template ${name} cannot be rendered: ${reason.split('\n')[0] ?? ''}. Correct the template or its data.`,
      { cause },
    );
    this.name = 'TemplateFailed';
  }
}

/** A template of this library, by its file name without `.hbs`. What an agency wrote goes through `compileTemplate`. */
type Template = 'acknowledgement' | 'letter' | 'address-page' | 'job-ticket' | 'proof-1';

const inZone = (timeZone: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('fr-FR', { timeZone, ...options });
const DAY = inZone('Europe/Paris', { day: '2-digit', month: '2-digit', year: 'numeric' });
const LONG_DAY = inZone('Europe/Paris', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const MINUTE = inZone('Europe/Paris', { hour: '2-digit', minute: '2-digit' });
const SECOND = inZone('Europe/Paris', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const GMT_DAY = inZone('UTC', { day: '2-digit', month: '2-digit', year: 'numeric' });
const GMT_SECOND = inZone('UTC', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

function instant(value: unknown): Date {
  const date = new Date(typeof value === 'string' ? value : NaN);
  if (Number.isNaN(date.getTime())) throw new TypeError('a date is not an ISO 8601 instant');
  return date;
}

/** Everything a template can call, beside Handlebars' own `if`, `unless`, `each` and `with`. Dates are of Paris, but for `gmt`. */
const HELPERS: Readonly<Record<string, (value: unknown) => string>> = {
  day: (value) => DAY.format(instant(value)),
  longDay: (value) => LONG_DAY.format(instant(value)),
  dayAndTime: (value) => `${DAY.format(instant(value))} à ${MINUTE.format(instant(value))}`,
  dayAndSecond: (value) => `${DAY.format(instant(value))} à ${SECOND.format(instant(value))}`,
  gmt: (value) => `${GMT_DAY.format(instant(value))} ${GMT_SECOND.format(instant(value))} GMT`,
};

const handlebars = Handlebars.create();
for (const [name, helper] of Object.entries(HELPERS)) handlebars.registerHelper(name, helper);
for (const name of ['lookup', 'log']) handlebars.unregisterHelper(name);
handlebars.registerPartial('fonts', () => `<style>${fontFaces()}</style>`);

const OPTIONS: CompileOptions = {
  strict: true,
  noEscape: false,
  knownHelpersOnly: true,
  knownHelpers: {
    ...Object.fromEntries(Object.keys(HELPERS).map((name) => [name, true])),
    lookup: false,
    log: false,
  },
};
const NO_PROTOTYPES: Handlebars.RuntimeOptions = {
  allowProtoPropertiesByDefault: false,
  allowProtoMethodsByDefault: false,
};

/** What a value of the data inherits: a word for error messages, and nothing that a template could reach for. */
const BARE = Object.create(null, { toString: { value: () => 'the data' } }) as object;

/** A copy of plain data without the prototypes of JavaScript: what is not in the data is nowhere. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.create(BARE) as Record<string, unknown>;
  for (const [name, inner] of Object.entries(value)) copy[name] = bare(inner);
  return copy;
}

const known = new Map<string, Handlebars.TemplateDelegate>();

/**
 * Renders a template to HTML. What it prints must be in `data`; values are escaped; inherited properties are out of reach; there
 * are no helpers but the date ones and Handlebars' blocks. `{{> fonts}}` puts the fonts in.
 * @throws TemplateFailed
 */
export function renderTemplate(template: Template, data: Readonly<Record<string, unknown>>): string {
  try {
    return compiled(template)(bare(data), NO_PROTOTYPES);
  } catch (error) {
    throw new TemplateFailed(template, error);
  }
}

function compiled(template: Template): Handlebars.TemplateDelegate {
  const found = known.get(template);
  if (found) return found;
  const source = readFileSync(new URL(`./templates/${template}.hbs`, import.meta.url), 'utf8');
  const made: Handlebars.TemplateDelegate = handlebars.compile(source, OPTIONS);
  known.set(template, made);
  return made;
}
