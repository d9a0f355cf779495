import {
  builtIn,
  describeKind,
  templateRefusals,
  type FieldExample,
  type TemplateFailure,
  type TemplateKind,
} from '#libs/templates';
import { dates, type FieldFault } from '#libs/web';
import type { KindOfTemplates, ListedTemplate } from '#projections/templates';
import { hasSubject } from './own-templates.js';

export const templateAddress = (kind: TemplateKind, name: string): string =>
  `/modeles/${kind}/${encodeURIComponent(name)}`;

const GROUPS = [
  { label: 'E-mails au destinataire', has: ['mail-signature', 'mail-notice-reminder', 'mail-signed-documents'] },
  {
    label: 'E-mails à l’agence',
    has: ['mail-deposit-proof', 'mail-confirmation', 'mail-refusal', 'mail-expiry', 'mail-alert', 'mail-bounce'],
  },
  { label: 'SMS', has: ['sms-code'] },
  { label: 'Lettres de relance', has: ['letter-unpaid', 'letter-insurance', 'letter-owner-insurance'] },
] as const satisfies readonly { label: string; has: readonly TemplateKind[] }[];

/** Every template, in groups by who reads it. */
export function templateGroups(kinds: readonly KindOfTemplates[]): readonly Record<string, unknown>[] {
  return GROUPS.map(({ label, has }) => ({
    label,
    kinds: kinds
      .filter(({ kind }) => has.some((one) => one === kind))
      .map(({ kind, templates }) => ({
        kind,
        label: describeKind(kind).label,
        purpose: describeKind(kind).purpose,
        href: `/modeles/nouveau/${kind}`,
        templates: templates.map(templateLine),
      })),
  }));
}

function templateLine({
  kind,
  name,
  subject,
  isBuiltIn,
  isDefault,
  savedAt,
  failure,
}: ListedTemplate): Record<string, unknown> {
  return {
    name,
    subject,
    href: templateAddress(kind, name),
    isDefault,
    isFaulty: failure !== null,
    state: savedAt === null ? 'Texte d’origine' : `${isBuiltIn ? 'Modifié' : 'Enregistré'} le ${dates.day(savedAt)}`,
  };
}

/** What a failure at sending says: the refusal that it would have been at saving. */
function sentenceOfFailure(reason: TemplateFailure): string {
  return reason === 'RENDERING_FAILED'
    ? 'Ce texte n’a pas pu être rempli : corrigez-le, puis enregistrez-le.'
    : templateRefusals[reason].sentence;
}

/** The form as it was filled in. */
export interface TemplateTexts {
  readonly nom?: string | undefined;
  readonly objet?: string | undefined;
  readonly texte?: string | undefined;
}

/** What the edit page says of its kind, and the form with what is wrong in it. */
export function templateForm(
  kind: TemplateKind,
  form: TemplateTexts,
  faults: readonly FieldFault[],
): Record<string, unknown> {
  const { label, purpose, fields, medium } = describeKind(kind);
  return {
    kindLabel: label,
    purpose,
    form,
    faults,
    faultOf: Object.fromEntries(faults.map(({ field, message }) => [FORM_FIELD[field] ?? field, message])),
    hasSubject: hasSubject(kind),
    isMail: medium === 'mail',
    isSms: medium === 'sms',
    // A letter is shown as it is printed, too.
    pdfAction: medium === 'letter' ? `/relances/apercu/${kind}` : undefined,
    previewAction: `/modeles/apercu/${kind}`,
    fields: Object.entries(fields).map(([name, field]) => ({
      how: howToWrite(name, field.example),
      label: field.label,
    })),
    script: 'preview.js',
  };
}

/** Fields of the API by those of the form. */
const FORM_FIELD: Readonly<Record<string, string>> = { name: 'nom', subject: 'objet', body: 'texte' };

/** How a field is written in a template. */
function howToWrite(name: string, example: FieldExample): string {
  if (typeof example === 'string') return `{{${name}}}`;
  if (typeof example === 'boolean') return `{{#if ${name}}} … {{/if}}`;
  const [first] = example;
  const inner = typeof first === 'object' ? Object.keys(first).map((field) => `{{${field}}}`) : ['{{this}}'];
  return `{{#each ${name}}} ${inner.join(' ')} {{/each}}`;
}

/** What the page of one template says beside its form. */
export function templateState(template: ListedTemplate): Record<string, unknown> {
  const { kind, name, isBuiltIn, isDefault, savedAt, failure } = template;
  return {
    name,
    href: templateAddress(kind, name),
    isBuiltIn,
    isDefault,
    isChanged: isBuiltIn && savedAt !== null,
    copy: `/modeles/nouveau/${kind}?de=${encodeURIComponent(name)}`,
    original: builtIn(kind).name,
    failure: failure && {
      sentence: sentenceOfFailure(failure.reason),
      at: failure.at,
      letter: `/lettres/${failure.letterId}`,
    },
  };
}

/** A template as programs read it. */
export const templateAnswer = (template: ListedTemplate): Record<string, unknown> => {
  const { kind, name, subject, body, isBuiltIn, isDefault, savedAt, failure } = template;
  return {
    kind,
    name,
    ...(hasSubject(kind) ? { subject } : {}),
    body,
    builtIn: isBuiltIn,
    default: isDefault,
    savedAt,
    failure,
    links: { self: `/api/templates/${kind}/${encodeURIComponent(name)}`, page: templateAddress(kind, name) },
  };
};
