import {
  compileTemplate,
  isTemplateFault,
  type AgencyTemplate,
  type TemplateData,
  type TemplateValue,
} from '#libs/documents';
import { exampleOf, type Rendered, type TemplateKind } from '#libs/templates';

/** What is wrong with a template: in which of its texts, on which line, and why, as a French sentence. */
export interface FaultOfTemplate {
  readonly field: 'subject' | 'body';
  readonly line: number;
  readonly reason: string;
}

/** A template that cannot be read, or that asks for what its kind does not have. */
export class TemplateFaulty extends Error {
  readonly code = 'TEMPLATE_FAULTY';
  constructor(readonly faults: readonly FaultOfTemplate[]) {
    super('Ce modèle contient une erreur : corrigez les lignes signalées, puis enregistrez-le.');
    this.name = 'TemplateFaulty';
  }
}

/** A template that was compiled. */
export interface CompiledTemplate {
  /** The fields that its body prints outside of every condition and list. */
  readonly prints: ReadonlySet<string>;
  /** @throws TemplateFailed when the result is far too long */
  render(data: TemplateData): Rendered;
}

/**
 * Compiles both texts of a template against the fields of its kind. Both are texts, into which values come on one line, so that no value can
 * begin a line of its own.
 *
 * @throws TemplateFaulty
 */
export function readTemplate(
  kind: TemplateKind,
  { subject = '', body }: { readonly subject?: string | undefined; readonly body: string },
): CompiledTemplate {
  const faults: FaultOfTemplate[] = [];
  const compiled = (field: FaultOfTemplate['field'], source: string): AgencyTemplate => {
    const read = compileTemplate(source, exampleOf(kind), 'text');
    if (!isTemplateFault(read)) return read;
    faults.push({ field, ...read });
    return NOTHING;
  };
  const texts = { subject: compiled('subject', subject), body: compiled('body', body) };
  if (faults.length > 0) throw new TemplateFaulty(faults);
  return {
    prints: texts.body.prints,
    render: (data) => {
      const values = onOneLine(data) as TemplateData;
      return { subject: collapsed(texts.subject.render(values)), body: texts.body.render(values) };
    },
  };
}

const NOTHING: AgencyTemplate = { prints: new Set(), render: () => '' };

const collapsed = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

function onOneLine(value: TemplateValue): TemplateValue {
  if (typeof value === 'string') return collapsed(value);
  if (typeof value === 'boolean') return value;
  if (isList(value)) return value.map(onOneLine);
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, onOneLine(inner)]));
}

const isList = (value: TemplateValue): value is readonly TemplateValue[] => Array.isArray(value);
