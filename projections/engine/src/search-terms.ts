/** Words of texts as a search compares them: without accents, in lower case, cut at everything that is no letter or digit. */
export function searchTerms(...texts: readonly (string | undefined)[]): string[] {
  const plain = texts
    .filter((text) => text !== undefined)
    .join(' ')
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
  return [...new Set(plain.split(/[^\p{L}\p{N}]+/u).filter(Boolean))];
}

/** The lengths at which the beginnings of words are kept, longest first. */
const KEPT_LENGTHS = [5, 3, 1];

/**
 * The beginnings of words, so that a list in order can be searched by what many words begin with: an index finds a whole value in the order
 * of what follows it, a range of values it does not.
 */
export const beginnings = (terms: readonly string[]): string[] => [
  ...new Set(terms.flatMap((term) => KEPT_LENGTHS.filter((length) => length <= term.length).map(cut(term)))),
];

/** The longest beginning of a word that `beginnings` keeps. */
export const keptBeginning = (term: string): string =>
  term.slice(
    0,
    KEPT_LENGTHS.find((length) => length <= term.length),
  );

const cut = (term: string) => (length: number) => term.slice(0, length);
