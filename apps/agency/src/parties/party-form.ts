import type { RegisteredParty } from '#libs/directory';
import { InvalidInput, readInput, type FieldFault } from '#libs/web';
import { mustBePartyCode, PartyInput } from './party-input.js';

const FIELDS = [
  'code',
  'kind',
  'professional',
  'civility',
  'name',
  'secondName',
  'email',
  'mobile',
  'street',
  'complement',
  'postcode',
  'city',
  'country',
] as const;
export type PartyField = (typeof FIELDS)[number];

/** The form of a third party as it was filled in, text by text; a file's line comes in the same shape. */
export type PartyTexts = Readonly<Partial<Record<PartyField, string>>>;

export const emptyPartyForm: PartyTexts = { kind: 'tenant' };

/** What came with the form of its own fields. */
export function partyTexts(texts: Readonly<Partial<Record<string, string>>>): PartyTexts {
  return Object.fromEntries(
    FIELDS.flatMap((field) => (texts[field] === undefined ? [] : [[field, texts[field].trim()]])),
  );
}

/** The form as it would be filled in for a third party. */
export function textsOfParty({
  code,
  kind,
  professional,
  details,
}: Pick<RegisteredParty, 'code' | 'kind' | 'professional' | 'details'>): PartyTexts {
  const standing: PartyTexts = { code, kind, ...(professional ? { professional: 'yes' } : {}) };
  if (details === 'erased') return standing;
  const { address, ...texts } = details;
  return { ...standing, ...texts, ...address };
}

/** Reads the form: its code and the third party, or what is wrong by field of the form. */
export function partyOfTexts(
  texts: PartyTexts,
): { readonly code: string; readonly input: PartyInput } | readonly FieldFault[] {
  const faults: FieldFault[] = [];
  const read = <T>(reading: () => T): T | undefined => {
    try {
      return reading();
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      // The form has no field of fields: `address.street` is `street` there.
      faults.push(...error.faults.map(({ field, message }) => ({ field: field.split('.').at(-1) ?? field, message })));
      return undefined;
    }
  };
  const code = read(() => mustBePartyCode(texts.code ?? ''));
  const input = read(() => readInput(PartyInput, inputOf(texts)));
  return code !== undefined && input !== undefined ? { code, input } : faults;
}

function inputOf(texts: PartyTexts): object {
  const { kind, professional, civility, name, secondName, email, mobile } = texts;
  const { street, complement, postcode, city, country } = texts;
  const hasAddress = [street, complement, postcode, city].some(Boolean);
  return {
    kind,
    professional: professional === 'yes',
    civility: civility || undefined,
    name,
    secondName: secondName || undefined,
    email,
    mobile: mobile || undefined,
    address: hasAddress
      ? { street, complement: complement || undefined, postcode, city, country: country || undefined }
      : undefined,
  };
}

/** The field, of the form and of the API's input alike, that a refusal of a third party is about. */
export const FIELD_OF_PARTY_REFUSAL: Readonly<Record<string, string>> = {
  PARTY_ALREADY_REGISTERED: 'code',
};
