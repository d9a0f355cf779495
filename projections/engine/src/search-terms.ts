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
