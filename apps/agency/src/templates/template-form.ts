import { TemplateFaulty } from '#libs/commands';
import { CommandRefused } from '#libs/event-store';
import type { TemplateKind } from '#libs/templates';
import type { FieldFault } from '#libs/web';
import { sentenceOfRefusal } from '../failures.js';
import { hasSubject } from './own-templates.js';
import type { TemplateText } from './preview.js';
import { faultsOf, FIELD_OF_TEMPLATE_REFUSAL } from './template-faults.js';
import type { TemplateTexts } from './template-page.js';

/** Reads the form as it was filled in; browsers send the lines of a text with CR LF. */
export function readForm(
  kind: TemplateKind,
  submitted: Readonly<Partial<Record<string, string>>>,
): { readonly texts: TemplateTexts; readonly text: TemplateText } {
  const { nom, objet } = submitted;
  const texte = submitted['texte']?.replaceAll('\r\n', '\n') ?? '';
  const text = hasSubject(kind) ? { subject: objet ?? '', body: texte } : { body: texte };
  return { texts: { nom, objet, texte }, text };
}

/** Carries out what a form asks; answers what is wrong with the form, by field. Other failures are thrown on. */
export async function savingFaults(carryOut: () => Promise<void>): Promise<readonly FieldFault[]> {
  try {
    await carryOut();
    return [];
  } catch (error) {
    if (error instanceof TemplateFaulty) return faultsOf(error);
    const field = error instanceof CommandRefused ? FIELD_OF_TEMPLATE_REFUSAL[error.code] : undefined;
    const message = error instanceof CommandRefused ? sentenceOfRefusal(error.code) : undefined;
    if (!field || !message) throw error;
    return [{ field, message }];
  }
}
