import type { FieldFault } from '#libs/web';
import { civilityChoices } from '../letters/civilities.js';
import type { PartyTexts } from './party-form.js';

/** What the form of a third party shows, new or known. */
export function partyFormPage(form: PartyTexts, faults: readonly FieldFault[]): Record<string, unknown> {
  return {
    narrow: true,
    form,
    faults,
    faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
    civilities: civilityChoices(form.civility ?? ''),
  };
}
