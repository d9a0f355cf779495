import type { TemplateFaulty } from '#libs/commands';
import type { TemplateRefusalCode } from '#libs/templates';
import type { FieldFault } from '#libs/web';

/** What is wrong with the texts of a template, by field of form and API, each with its line. */
export const faultsOf = ({ faults }: TemplateFaulty): FieldFault[] =>
  faults.map(({ field, line, reason }) => ({
    field,
    message: field === 'subject' ? reason : `Ligne ${line} : ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`,
  }));

/** The field, of the form and of the API alike, that a refusal at saving is about. */
export const FIELD_OF_TEMPLATE_REFUSAL: Readonly<Partial<Record<string, string>>> = {
  TEMPLATE_NAME_MALFORMED: 'name',
  TEMPLATE_NAME_RESERVED: 'name',
  TEMPLATE_NAME_TAKEN: 'name',
  TOO_MANY_TEMPLATES: 'name',
  SUBJECT_MISSING: 'subject',
  SUBJECT_TOO_LONG: 'subject',
  BODY_MISSING: 'body',
  BODY_TOO_LONG: 'body',
  LINK_MISSING: 'body',
  DEADLINE_MISSING: 'body',
  CODE_MISSING: 'body',
  SENDER_NAMED: 'body',
  SMS_TOO_LONG: 'body',
  SMS_ALPHABET: 'body',
} satisfies Partial<Record<TemplateRefusalCode, string>>;
