import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';

/**
 * Where a number that starts with a single 0 may belong: metropolitan France, then the overseas territories that dial the same way
 * but have country codes of their own (0690… is +590 690…, 0692… and 0639… are +262). No mobile range is in two of them.
 */
const REGIONS_OF_FRANCE: readonly CountryCode[] = ['FR', 'GP', 'GF', 'MQ', 'RE', 'YT', 'PM'];
/** Some plans, North America's among them, do not tell mobiles from fixed lines. */
const TAKES_SMS = new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE']);

/**
 * Reads a mobile number as people write it: French in its national form, any other with its country code (`+34…` or `0034…`).
 *
 * @returns the number in E.164 (ITU-T), or undefined where no numbering plan has assigned its range to mobiles.
 */
export function mobileInE164(text: string): string | undefined {
  for (const defaultCountry of REGIONS_OF_FRANCE) {
    const number = parsePhoneNumberFromString(text, { defaultCountry, extract: false });
    if (number?.isValid() && !number.ext && TAKES_SMS.has(number.getType() ?? '')) return number.number;
  }
  return undefined;
}
