import type { Refusal, RefusalMeaning } from '#libs/letter';

/** Every refusal of a third party: the HTTP status for programs, and for people the French sentence that says what to do. */
export const partyRefusals = {
  /** Any command but `registerParty` and `saveParty` on a stream without events. */
  UNKNOWN_PARTY: { status: 404, sentence: 'Ce tiers n’existe pas : vérifiez son code.' },
  /** `registerParty` under the code of a third party that is described otherwise. */
  PARTY_ALREADY_REGISTERED: {
    status: 409,
    sentence: 'Un autre tiers porte déjà ce code : modifiez sa fiche ou choisissez un autre code.',
  },
  /** `saveParty` with something new, or `giveConsent`, while the third party is archived. */
  PARTY_ARCHIVED: { status: 409, sentence: 'Ce tiers est archivé : réactivez-le avant de modifier sa fiche.' },
  /** `giveConsent` while another consent is in force. */
  CONSENT_ALREADY_GIVEN: {
    status: 409,
    sentence: 'L’accord de ce tiers est déjà enregistré : enregistrez d’abord son retrait pour le remplacer.',
  },
  /** `giveConsent` or `withdrawConsent` with a day after today in Europe/Paris. */
  CONSENT_IN_FUTURE: {
    status: 422,
    sentence: 'Cette date est à venir : indiquez le jour où le tiers s’est prononcé.',
  },
  /** `withdrawConsent` while no consent is in force. */
  NO_CONSENT_TO_WITHDRAW: {
    status: 409,
    sentence: 'Aucun accord de ce tiers n’est en cours : il n’y a rien à retirer.',
  },
  /** `withdrawConsent` with a day before that of the consent. */
  WITHDRAWN_BEFORE_GIVEN: {
    status: 422,
    sentence: 'Le retrait ne peut pas précéder l’accord : vérifiez sa date.',
  },
  /** A letter to somebody who is neither a professional nor has consented (L. 100 CPCE). */
  CONSENT_MISSING: {
    status: 422,
    sentence:
      'Ce tiers n’est pas professionnel et n’a pas donné son accord pour recevoir des lettres électroniques : enregistrez son accord sur sa fiche avant l’envoi.',
  },
} as const satisfies Record<string, RefusalMeaning>;

export type PartyRefusalCode = keyof typeof partyRefusals;
export type PartyRefusal = Refusal<PartyRefusalCode>;

export function refused(code: PartyRefusalCode): PartyRefusal {
  return { refused: code };
}
