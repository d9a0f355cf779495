/** Crockford's digits: no I, L, O, U, so that nothing is mistaken for 1 or 0 and no word comes about. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BITS = 5;

/** @param bytes a whole number of five-byte blocks, so that no bits are left over. */
export function toBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= BITS; bits -= BITS) text += DIGITS.charAt((held >> (bits - BITS)) & 31);
    held &= (1 << bits) - 1;
  }
  return text;
}

/** Reads upper and lower case, O as 0, I and L as 1; undefined for any other character. */
export function fromBase32(text: string): Buffer | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of text.toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1')) {
    const value = DIGITS.indexOf(character);
    if (value < 0) return undefined;
    held = (held << BITS) | value;
    bits += BITS;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
    held &= (1 << bits) - 1;
  }
  return Buffer.from(bytes);
}
