import { v7, validate as isUuid, version as uuidVersion } from 'uuid';
import { InvalidInput, readInput, type FieldFault } from '#libs/web';
import { LetterInput } from './letter-input.js';
import type { Upload } from './uploads.js';

/** The form's fields by their names in the page. */
const FIELDS = [
  'letterId',
  'civility',
  'name',
  'email',
  'mobile',
  'partyKind',
  'professional',
  'partyCode',
  'dossier',
  'otp',
  'retentionDays',
  'alertDays',
] as const;
type Field = (typeof FIELDS)[number] | 'documents';

/** The form as it was filled in, text by text. */
export type FormTexts = Readonly<Partial<Record<Field, string>>>;

/** Ids of letters are in the order of their making (RFC 9562 §5.7). */
export const newLetterId = (): string => v7();

/** An empty form, under the id that the letter will have: the same form sent twice submits one letter. */
export const emptyForm = (): FormTexts => ({
  letterId: newLetterId(),
  partyKind: 'tenant',
  retentionDays: '15',
  alertDays: '5',
});

/** What came with the form of its own fields. */
export function formTexts(texts: Upload['texts']): FormTexts {
  return Object.fromEntries(
    FIELDS.flatMap((field) => (texts[field] === undefined ? [] : [[field, texts[field].trim()]])),
  );
}

/** The id that the form carries, if it is one that this page has made. */
export function letterIdOf({ letterId }: FormTexts): string | undefined {
  return letterId !== undefined && isUuid(letterId) && uuidVersion(letterId) === 7 ? letterId : undefined;
}

/** Reads the form: the letter, or what is wrong by field of the form. */
export function letterOf(form: FormTexts): LetterInput | readonly FieldFault[] {
  const { civility, name, email, mobile, partyKind, partyCode, dossier } = form;
  const recipient = { name, email, ...(civility ? { civility } : {}), ...(mobile ? { mobile } : {}) };
  try {
    return readInput(LetterInput, {
      recipient,
      partyKind,
      partyCode,
      dossier,
      professional: form.professional === 'yes',
      otp: form.otp === 'yes',
      retentionDays: days(form.retentionDays),
      alertDays: days(form.alertDays),
    });
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return error.faults.map(({ field, message }) => ({ field: field.split('.').at(-1) ?? field, message }));
  }
}

/** NaN, which no rule takes, for anything but digits: `Number('')` would be 0. */
const days = (text: string | undefined): number => (text && /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN);

/** The field of the form, and of the API's input, that a refusal of the letter is about. */
export const FIELD_OF_REFUSAL: Readonly<Record<string, { readonly form: Field; readonly api: string }>> = {
  OTP_WITHOUT_MOBILE: { form: 'mobile', api: 'recipient.mobile' },
  RETENTION_TOO_SHORT: { form: 'retentionDays', api: 'retentionDays' },
  RETENTION_OUT_OF_RANGE: { form: 'retentionDays', api: 'retentionDays' },
  ALERT_OUT_OF_RANGE: { form: 'alertDays', api: 'alertDays' },
  CONSENT_MISSING: { form: 'partyCode', api: 'partyCode' },
  NO_DOCUMENT: { form: 'documents', api: 'document' },
  DOCUMENT_TWICE: { form: 'documents', api: 'document' },
};
