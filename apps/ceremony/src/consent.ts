/**
 * Every consent text that was ever shown on the signature page, by the name that `Signed` stores. A text once released is never
 * edited or removed: what somebody signed must stay readable word for word. See docs/decisions/0007-consent-text.md.
 */
const TEXTS = {
  /** The manual's text (V.2), but for its last clause, which only a qualified signature could keep (eIDAS, art. 25, 2). */
  'fr-1': [
    'J’ai lu entièrement le document que je suis sur le point de signer et j’en accepte le contenu, les termes et conditions.',
    'Je comprends qu’en cliquant sur le bouton « Signer » je signe électroniquement, ce qui vaut signature électronique.',
  ].join(' '),
} as const;

export type ConsentName = keyof typeof TEXTS;

/** The text that the signature page shows now. */
export const CURRENT_CONSENT: ConsentName = 'fr-1';

/** The words of a consent, French. */
export const consentText = (name: ConsentName): string => TEXTS[name];
