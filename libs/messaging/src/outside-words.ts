const LONGEST = 500;
/** A link, or a run of six characters or more that a code (six digits) or a link token (43 characters) could be. */
const SUSPECT = /https?:\/\/\S+|[\w-]{6,}/gi;

/**
 * What an outside system answered, made fit to be stored and logged. Mail filters and gateways like to quote the message they
 * refuse, and a message holds codes and link tokens: links go, and so does every suspect run that the message itself holds
 * and that carries a digit.
 * @param words as received
 * @param said the texts that were sent
 * @returns one line of at most 500 characters
 */
export function outsideWords(words: string, ...said: readonly string[]): string {
  const line = words
    .slice(0, 8 * LONGEST)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const clean = line.replaceAll(SUSPECT, (run) => (isSecret(run, said) ? '[…]' : run));
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1)}…` : clean;
}

function isSecret(run: string, said: readonly string[]): boolean {
  if (/^https?:/i.test(run)) return true;
  return (/\d/.test(run) || run.length >= 20) && said.some((text) => text.includes(run));
}
