import type { Limit } from '#libs/web';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/**
 * What may be tried how often; counted are failures, but for what sends an e-mail. Each is far below what guessing needs (OWASP ASVS
 * 5.0, 6.3.1), and far above what people need who mistype.
 */
export const LIMITS = {
  /** Wrong passwords for one e-mail address, whether it is somebody's or not. The last one locks the account and tells its owner. */
  logInByName: { name: 'log-in', attempts: 10, within: HOUR, pause: 15 * MINUTE, slowFrom: 4 },
  /** Wrong passwords from one place, for whichever addresses. */
  logInByNetwork: { name: 'log-in-network', attempts: 60, within: HOUR, pause: 15 * MINUTE },
  /** Wrong codes of one user's second factor; the password was right. */
  secondFactor: { name: 'second-factor', attempts: 5, within: 15 * MINUTE, pause: 15 * MINUTE },
  /** Wrong current passwords where somebody who is logged in has to repeat it. */
  ownPassword: { name: 'own-password', attempts: 5, within: 15 * MINUTE, pause: 15 * MINUTE },
  /** Forgotten passwords: e-mails to one address, and requests from one place. */
  resetByName: { name: 'reset', attempts: 3, within: HOUR, pause: HOUR },
  resetByNetwork: { name: 'reset-network', attempts: 20, within: HOUR, pause: HOUR },
  /** Links of invitations and resets that are none. */
  links: { name: 'access-link', attempts: 20, within: HOUR, pause: HOUR },
  /** Invitations of one agency. */
  invitations: { name: 'invitation', attempts: 60, within: HOUR, pause: HOUR },
  /** API keys that are none, from one place; who has a right one is let in all the same. */
  apiKeys: { name: 'api-key', attempts: 60, within: 10 * MINUTE, pause: 10 * MINUTE },
} as const satisfies Record<string, Limit>;
