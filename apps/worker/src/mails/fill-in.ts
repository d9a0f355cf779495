import { readTemplate } from '#libs/commands';
import type { TemplateData } from '#libs/documents';
import type { Sender } from '#libs/letter';
import {
  builtIn,
  textFault,
  type Rendered,
  type Template,
  type TemplateFailure,
  type TemplateKind,
} from '#libs/templates';

/** An agency's template that could not be used, and why. */
export interface Unusable {
  readonly kind: TemplateKind;
  readonly name: string;
  readonly reason: TemplateFailure;
}

/**
 * Fills in a template. One that cannot be, or whose text turns out to be against the rules (it names an agency that was renamed since, say),
 * gives way to the built-in one: a letter is never held up by a template.
 */
export function fillIn(
  template: Template,
  data: TemplateData,
  sender: Sender,
): { readonly words: Rendered; readonly unusable: Unusable | null } {
  const { kind, name } = template;
  const filled = rendered(template, data);
  const reason = filled ? textFault(kind, filled, sender) : 'RENDERING_FAILED';
  // There is nothing to replace the built-in text with; it can only name an agency that its own recipient is called like.
  if (filled && (reason === null || template.savedAt === null)) return { words: filled, unusable: null };
  return { words: readTemplate(kind, builtIn(kind)).render(data), unusable: reason && { kind, name, reason } };
}

function rendered({ kind, subject, body }: Template, data: TemplateData): Rendered | null {
  try {
    return readTemplate(kind, { subject, body }).render(data);
  } catch {
    return null;
  }
}
