import type { Limit } from '#libs/web';

const HOUR = 3_600;

/** Wrong links that one address may try on one letter. */
export const LINKS_OF_LETTER: Limit = { name: 'letter-link', attempts: 20, within: HOUR, pause: HOUR };

/** Wrong links that one address may try on whichever letters. */
export const LINKS_OF_NETWORK: Limit = { name: 'letter-link-network', attempts: 200, within: HOUR, pause: HOUR / 4 };
