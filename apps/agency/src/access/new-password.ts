import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as french } from '@zxcvbn-ts/language-fr';

/** OWASP ASVS 5.0, 6.2.1 asks for 8 at least and recommends 15; below 12 even a good password is tried out in time. */
const SHORTEST = 12;
/** 6.2.9: at least 64. An Argon2id takes longer ones, but nobody types them. */
const LONGEST = 128;
/** Guesses, as a power of ten, by what people really choose. Two own words and a sign are 10^8. */
const STRONG_ENOUGH = 9;

const strength = new ZxcvbnFactory({ graphs: adjacencyGraphs, dictionary: { ...common, ...french } });

/**
 * What is wrong with a password that somebody chooses, in French; undefined for a good one. No rule about signs and digits: what counts is
 * how easily it is guessed, lists of leaked passwords and what is known of its owner included (ASVS 5.0, 6.2.4 and 6.2.11).
 *
 * @param about name, e-mail address, agency: words that somebody would try first.
 */
export function faultOfPassword(password: string, about: readonly string[]): string | undefined {
  const { length } = [...password];
  if (length < SHORTEST)
    return `Choisissez un mot de passe d’au moins ${SHORTEST} caractères, par exemple quelques mots.`;
  if (length > LONGEST) return `Choisissez un mot de passe de ${LONGEST} caractères au plus.`;
  const words = about.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]).map((word) => word.toLowerCase());
  if (strength.check(password, words).guessesLog10 >= STRONG_ENOUGH) return undefined;
  return 'Ce mot de passe se devine trop vite : évitez les suites, votre nom et les mots de passe courants.';
}

/** The same for a pair of fields of a form. */
export function faultsOfPasswords(
  { password = '', again = '' }: { readonly password?: string | undefined; readonly again?: string | undefined },
  about: readonly string[],
): Readonly<Record<string, string>> {
  const fault = faultOfPassword(password, about);
  if (fault) return { password: fault };
  return password === again ? {} : { again: 'Les deux mots de passe diffèrent : saisissez deux fois le même.' };
}
