import parsePhoneNumber from 'libphonenumber-js';

/**
 * A mobile number that its owner recognises and nobody else learns: `06 •• •• •• 78`, or with its country's code
 * `+34 ••• •• •• 04` abroad and overseas.
 *
 * @param mobile E.164, as the letter keeps it.
 */
export function maskedMobile(mobile: string): string {
  const parsed = parsePhoneNumber(mobile);
  const isFrench = parsed?.countryCallingCode === '33';
  const written = (isFrench ? parsed.formatNational() : parsed?.formatInternational()) ?? mobile;
  const shownAhead = isFrench ? 2 : (parsed?.countryCallingCode.length ?? 0);
  const digits = written.replace(/\D/g, '').length;
  let position = 0;
  return written.replace(/\d/g, (digit) => {
    position += 1;
    return position <= shownAhead || position > digits - 2 ? digit : '•';
  });
}
