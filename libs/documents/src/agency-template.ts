import Handlebars from 'handlebars';
import { TemplateFailed } from './render-template.js';

/** What a template may be told: texts, conditions, lists and groups of them. */
export type TemplateValue = string | boolean | readonly TemplateValue[] | TemplateData;
export interface TemplateData {
  readonly [field: string]: TemplateValue;
}

/** Why a template is refused: the line, counted from 1, and a French sentence that says what to do. */
export interface TemplateFault {
  readonly line: number;
  readonly reason: string;
}

/** A template that an agency wrote, found to reach nothing but its data. */
export interface AgencyTemplate {
  /** The fields that it prints whatever the data are: those outside of every condition and list. */
  readonly prints: ReadonlySet<string>;
  /**
   * What the data lack is empty, and what the template's example lacks is not looked at.
   *
   * @throws TemplateFailed when there would be more than a million characters
   */
  render(data: TemplateData): string;
}

/** Whether values become HTML, escaped, or stay the text that they are. */
export type TemplateForm = 'html' | 'text';

const LONGEST_SOURCE = 256 * 1024;
const MOST_EXPRESSIONS = 2_000;
const DEEPEST_BLOCK = 8;
const LONGEST_LIST = 1_000;
const LONGEST_OUTPUT = 1_000_000;

/** The blocks of Handlebars that are left, which are all that a template can call; `each` gives these two beside the item. */
const BLOCKS = ['if', 'unless', 'each'] as const;
const PLACES_IN_LIST = ['first', 'last'];

/**
 * Compiles what an agency wrote in a closed part of Handlebars: `{{field}}`, `{{group.field}}`, `{{#if}}`, `{{#unless}}`, `{{#each}}` with
 * `{{this}}`, `{{@first}}`, `{{@last}}`, and `{{else}}`. There are no helpers, partials, decorators, raw blocks, nor a way back to an outer
 * item; so a template is as good as its fields, and takes time and space in proportion to its own length and its data.
 *
 * @param example of the data: the fields that there are. A list is told by its first item.
 */
export function compileTemplate(
  source: string,
  example: TemplateData,
  form: TemplateForm = 'html',
): AgencyTemplate | TemplateFault {
  try {
    mustBeShort(source);
    const reading = new Reading();
    reading.statements(Handlebars.parse(source).body, { value: example, depth: 0 });
    return { prints: reading.prints, render: renderer(source, example, form) };
  } catch (error) {
    if (error instanceof Faulty) return error.fault;
    return syntaxFault(source, error);
  }
}

/** Tells a fault from a template. */
export const isTemplateFault = (read: AgencyTemplate | TemplateFault): read is TemplateFault => 'reason' in read;

/** A Handlebars of its own, from which everything but the blocks is gone. */
const closed = Handlebars.create();
for (const helper of Object.keys(closed.helpers)) {
  if (!BLOCKS.some((block) => block === helper)) closed.unregisterHelper(helper);
}
const KNOWN_HELPERS = {
  ...Object.fromEntries(Object.keys(Handlebars.helpers).map((name) => [name, false])),
  ...Object.fromEntries(BLOCKS.map((block) => [block, true])),
};
const NO_PROTOTYPES = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false };

function renderer(source: string, example: TemplateData, form: TemplateForm): AgencyTemplate['render'] {
  const compiled: Handlebars.TemplateDelegate = closed.compile(source, {
    strict: true,
    noEscape: form === 'text',
    knownHelpersOnly: true,
    knownHelpers: KNOWN_HELPERS,
  });
  return (data) => {
    const text = compiled(shaped(data, example), NO_PROTOTYPES);
    if (text.length <= LONGEST_OUTPUT) return text;
    throw new TemplateFailed('of the agency', `it gives more than ${LONGEST_OUTPUT} characters`);
  };
}

/** A copy of the data that has exactly the fields of the example, and no prototype: what a template does not print is not even there. */
function shaped(value: TemplateValue | undefined, example: TemplateValue | undefined): unknown {
  if (typeof example === 'boolean') return value === true;
  if (example === undefined || typeof example === 'string') return typeof value === 'string' ? value : '';
  if (isList(example)) {
    return isList(value) ? value.slice(0, LONGEST_LIST).map((item) => shaped(item, example[0])) : [];
  }
  const given = isGroup(value) ? value : {};
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [field, inner] of Object.entries(example)) {
    copy[field] = shaped(Object.hasOwn(given, field) ? given[field] : undefined, inner);
  }
  return copy;
}

const isList = (value: TemplateValue | undefined): value is readonly TemplateValue[] => Array.isArray(value);
const isGroup = (value: TemplateValue | undefined): value is TemplateData =>
  typeof value === 'object' && !isList(value);

/** Where in the data an expression stands. */
interface Place {
  readonly value: TemplateValue;
  readonly depth: number;
  /** Absent outside of a list. */
  readonly inList?: true;
}

/** Goes through what was parsed; everything that is not named here is refused. */
class Reading {
  readonly prints = new Set<string>();

  /** @throws Faulty */
  statements(body: readonly hbs.AST.Statement[], place: Place): void {
    for (const statement of body) this.statement(statement, place);
  }

  private statement(statement: hbs.AST.Statement, place: Place): void {
    switch (statement.type) {
      case 'ContentStatement':
      case 'CommentStatement':
        return;
      case 'MustacheStatement':
        return this.print(statement as hbs.AST.MustacheStatement, place);
      case 'BlockStatement':
        return this.block(statement as hbs.AST.BlockStatement, place);
      default:
        throw new Faulty(statement, 'les modèles inclus et les décorateurs ne sont pas permis : retirez cette balise.');
    }
  }

  private print(statement: hbs.AST.MustacheStatement, place: Place): void {
    const { path, params, escaped } = statement;
    const written = textOf(path);
    if (!escaped) {
      throw new Faulty(statement, `écrivez {{${written}}} avec deux accolades : le texte reste protégé.`);
    }
    if (params.length > 0 || statement.hash) {
      throw new Faulty(statement, `« ${written} » n’est pas une fonction : une balise ne contient qu’un champ.`);
    }
    const value = valueAt(path, place);
    if (typeof value !== 'string') {
      const remedy =
        typeof value === 'boolean'
          ? `{{#if ${written}}} … {{/if}}`
          : 'une liste, dans {{#each}}, ou un champ de ce groupe';
      throw new Faulty(statement, `« ${written} » ne s’imprime pas tel quel : utilisez ${remedy}.`);
    }
    if (place.depth === 0) this.prints.add(written);
  }

  private block(statement: hbs.AST.BlockStatement, place: Place): void {
    const { path, params, program, inverse } = statement;
    const name = BLOCKS.find((block) => block === textOf(path));
    if (!name) {
      throw new Faulty(
        statement,
        `le bloc « ${textOf(path)} » n’existe pas : il y a {{#if}}, {{#unless}} et {{#each}}.`,
      );
    }
    const [subject] = params;
    // Types aside, a block that begins with ^ has no program (grammar of Handlebars, handlebars.yy).
    const main = program as hbs.AST.Program | undefined;
    if (!subject || params.length > 1 || statement.hash || main?.blockParams || inverse?.blockParams) {
      throw new Faulty(statement, `{{#${name}}} attend un seul champ : {{#${name} champ}} … {{/${name}}}.`);
    }
    if (place.depth === DEEPEST_BLOCK) {
      throw new Faulty(statement, `il y a plus de ${DEEPEST_BLOCK} blocs l’un dans l’autre : simplifiez le modèle.`);
    }
    const value = valueAt(subject, place);
    const within: Place = { ...place, depth: place.depth + 1 };
    this.statements(main?.body ?? [], name === 'each' ? itemOf(value, statement, within) : within);
    this.statements(inverse?.body ?? [], within);
  }
}

function itemOf(value: TemplateValue, statement: hbs.AST.BlockStatement, { depth }: Place): Place {
  if (!isList(value)) throw new Faulty(statement, '{{#each}} attend une liste : utilisez {{#if}} pour une condition.');
  return { value: value[0] ?? '', depth, inList: true };
}

/** What an expression names in the example. @throws Faulty */
function valueAt(expression: hbs.AST.Expression, place: Place): TemplateValue {
  if (expression.type !== 'PathExpression') {
    throw new Faulty(expression, `« ${textOf(expression)} » n’est pas un champ de ce modèle.`);
  }
  const { data, depth, parts, original } = expression as hbs.AST.PathExpression;
  if (data) {
    if (place.inList && parts.length === 1 && PLACES_IN_LIST.includes(parts[0] ?? '')) return true;
    throw new Faulty(expression, `« ${original} » n’existe pas : seuls @first et @last, dans {{#each}}, sont permis.`);
  }
  if (depth > 0) throw new Faulty(expression, `« ${original} » : « ../ » n’est pas permis.`);
  let value: TemplateValue | undefined = place.value;
  for (const part of parts) value = isGroup(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  // The whole of the data has no name.
  if (value !== undefined && (parts.length > 0 || place.inList)) return value;
  const known = isGroup(place.value) ? Object.keys(place.value).join(', ') : 'this';
  throw new Faulty(expression, `le champ « ${original} » n’existe pas ici. Champs disponibles : ${known}.`);
}

const textOf = (expression: hbs.AST.Node): string =>
  'original' in expression ? String(expression.original).slice(0, 100) : 'cette balise';

class Faulty extends Error {
  readonly fault: TemplateFault;
  constructor(node: Pick<hbs.AST.Node, 'loc'> | number, reason: string) {
    super(reason);
    this.fault = {
      line: typeof node === 'number' ? node : node.loc.start.line,
      reason: `${reason[0]?.toUpperCase()}${reason.slice(1)}`,
    };
  }
}

const lineAt = (source: string, index: number): number => source.slice(0, index).split('\n').length;

/** Before it is parsed: what would take long, and raw blocks, which look like others once they are parsed. @throws Faulty */
function mustBeShort(source: string): void {
  if (typeof source !== 'string' || source.length > LONGEST_SOURCE) {
    throw new Faulty(1, `le modèle dépasse ${LONGEST_SOURCE} caractères : raccourcissez-le.`);
  }
  if (source.split('{{').length - 1 > MOST_EXPRESSIONS) {
    throw new Faulty(1, `le modèle a plus de ${MOST_EXPRESSIONS} balises : simplifiez-le.`);
  }
  const raw = source.indexOf('{{{{');
  if (raw >= 0) throw new Faulty(lineAt(source, raw), 'les blocs bruts ne sont pas permis : utilisez deux accolades.');
}

/** What the parser of Handlebars says, in French. */
function syntaxFault(source: string, error: unknown): TemplateFault {
  const said = error instanceof Error ? error.message : '';
  const [, opened, closed, at] = /^(\S+) doesn't match (\S+) - (\d+):/.exec(said) ?? [];
  if (opened !== undefined) {
    return { line: Number(at), reason: `{{#${opened}}} est fermé par {{/${closed}}} : fermez-le par {{/${opened}}}.` };
  }
  const line = Number(/on line (\d+):/.exec(said)?.[1] ?? / - (\d+):\d+$/.exec(said)?.[1] ?? 1);
  if (/'OPEN_ENDBLOCK', got 'EOF'/.test(said)) return unclosed(source) ?? { line, reason: 'Un bloc n’est pas fermé.' };
  if (/got 'OPEN_ENDBLOCK'/.test(said))
    return { line, reason: 'Ce bloc est fermé sans avoir été ouvert : retirez {{/…}}.' };
  if (/got 'INVERSE'/.test(said)) return { line, reason: '{{else}} est en trop : il n’y en a qu’un, dans un bloc.' };
  return { line, reason: 'La balise n’est pas bien écrite : vérifiez ses accolades et son contenu.' };
}

/** The innermost block that is opened and never closed. */
function unclosed(source: string): TemplateFault | undefined {
  const open: { name: string; index: number }[] = [];
  for (const { 1: mark, 2: name = '', index } of source.matchAll(/\{\{~?([#/])\s*([^\s}~]+)/g)) {
    if (mark === '#') open.push({ name, index });
    else open.pop();
  }
  const last = open.at(-1);
  return (
    last && {
      line: lineAt(source, last.index),
      reason: `{{#${last.name}}} n’est pas fermé : ajoutez {{/${last.name}}}.`,
    }
  );
}
