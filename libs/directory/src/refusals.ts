import type { Refusal, RefusalMeaning } from '#libs/letter';

/** Every refusal of an agency: the HTTP status for programs, and for people the French sentence that says what to do. */
export const refusals = {
  /** Any command but `registerAgency` on a stream without events. */
  UNKNOWN_AGENCY: { status: 404, sentence: 'Cette agence n’existe pas : vérifiez son identifiant.' },
  /** `registerAgency` on a stream that already holds another agency. */
  AGENCY_ALREADY_REGISTERED: {
    status: 409,
    sentence: 'Une agence est déjà enregistrée sous cet identifiant : utilisez-la ou choisissez-en un autre.',
  },
  /** `registerUser` with the id of another user. */
  USER_ALREADY_REGISTERED: {
    status: 409,
    sentence: 'Un autre utilisateur porte déjà cet identifiant : choisissez-en un autre.',
  },
  /** `registerUser` with an e-mail address that another user of the agency logs in with. */
  USER_EMAIL_TAKEN: {
    status: 409,
    sentence: 'Un utilisateur de l’agence a déjà cette adresse e-mail : saisissez-en une autre.',
  },
  /** `issueApiKey` with the id of another key. */
  API_KEY_ALREADY_ISSUED: {
    status: 409,
    sentence: 'Une autre clé d’API porte déjà cet identifiant : créez-en une nouvelle.',
  },
  /** `revokeApiKey` of a key that was never issued. */
  UNKNOWN_API_KEY: { status: 404, sentence: 'Cette clé d’API n’existe pas : choisissez-la dans la liste.' },
} as const satisfies Record<string, RefusalMeaning>;

export type AgencyRefusalCode = keyof typeof refusals;
export type AgencyRefusal = Refusal<AgencyRefusalCode>;

export function refused(code: AgencyRefusalCode): AgencyRefusal {
  return { refused: code };
}
