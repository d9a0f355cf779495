/** Sheets for that many pages, printed on both sides. */
export const sheetsOf = (pages: number): number => Math.ceil(pages / 2);

/** The number of a print job as people say it, from the last digits of its id: `4F2A-90C1`. */
export function jobNumber(job: string): string {
  const digits = job.replaceAll('-', '').slice(-8).toUpperCase();
  return `${digits.slice(0, 4)}-${digits.slice(4)}`;
}

/** Grams of a sheet of A4 of 80 g/m²: 0.210 × 0.297 × 80. */
const SHEET = 5;
/** Sheets that a DL envelope bears, folded in three; more go into C4. */
const FOLDED = 5;
/** Grams of an envelope with its window. */
const ENVELOPE = { dl: 5, c4: 25 } as const;
/** La Poste, « Lettre recommandée » : steps of weight in grams. */
const STEPS = [20, 50, 100, 250, 500, 1_000, 2_000];

/** What a letter on paper probably weighs: an estimate for choosing the envelope and the postage before it is on the scales. */
export function weightOf(sheets: number): { envelope: 'DL' | 'C4'; grams: number; upTo: number | null } {
  const isFolded = sheets <= FOLDED;
  const grams = sheets * SHEET + (isFolded ? ENVELOPE.dl : ENVELOPE.c4);
  return { envelope: isFolded ? 'DL' : 'C4', grams, upTo: STEPS.find((step) => grams <= step) ?? null };
}

/** The same in words: `environ 35 g (tranche jusqu’à 50 g), enveloppe DL`. */
export function weightWords(sheets: number): string {
  const { envelope, grams, upTo } = weightOf(sheets);
  const step = upTo === null ? 'au-delà des tranches de la lettre' : `tranche jusqu’à ${upTo} g`;
  return `environ ${grams} g (${step}), enveloppe ${envelope}`;
}

/**
 * A tracking number as it is kept, or undefined for a text that is none. One of the Universal Postal Union's form (S10: two letters, eight
 * digits, check digit, country) must have the right check digit. La Poste's own numbers (`1A 123 456 7890 1`) have a key whose rule is not
 * published: like those of other carriers they are taken as they are, in capitals and without blanks, 6 to 35 letters and digits.
 */
export function trackingNumber(text: string): string | undefined {
  const number = text.replaceAll(/[\s.-]/g, '').toUpperCase();
  if (!/^[A-Z0-9]{6,35}$/.test(number) || !/\d/.test(number)) return undefined;
  const [, digits, check] = /^[A-Z]{2}(\d{8})(\d)[A-Z]{2}$/.exec(number) ?? [];
  return digits === undefined || s10CheckDigit(digits) === Number(check) ? number : undefined;
}

const S10_WEIGHTS = [8, 6, 4, 2, 3, 5, 9, 7];

/** UPU S10-12, annex: 11 less the weighted sum modulo 11; 10 becomes 0 and 11 becomes 5. */
function s10CheckDigit(digits: string): number {
  const sum = S10_WEIGHTS.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  const check = 11 - (sum % 11);
  if (check === 10) return 0;
  return check === 11 ? 5 : check;
}
