import type { Refusal, RefusalMeaning } from '#libs/letter';

/** Every refusal about keys and credits: the HTTP status for programs, and for people the French sentence that says what to do. */
export const refusals = {
  // Sending
  /** Sending, or entering a recharge key, before the activation key. */
  NOT_ACTIVATED: {
    status: 409,
    sentence:
      'L’envoi de lettres n’est pas encore activé pour votre agence : enregistrez d’abord votre clé d’activation, à la page « Signatures ».',
  },
  /** Sending with a balance of zero. */
  NO_SIGNATURE_LEFT: {
    status: 409,
    sentence:
      'Il ne reste aucune signature : enregistrez une clé de recharge, à la page « Signatures », puis renvoyez la lettre.',
  },
  /** `release` of a letter that was deposited. */
  SIGNATURE_CONSUMED: {
    status: 409,
    sentence: 'La lettre est déposée et sa signature utilisée : il n’y a rien à rendre.',
  },

  // Keys
  /** Not the form of a key: too short, too long, or with other characters. */
  KEY_MALFORMED: {
    status: 422,
    sentence: 'Cette clé n’est pas complète ou mal recopiée : copiez-la tout entière, telle que vous l’avez reçue.',
  },
  /** The form of a key, but not as the operator has signed it. */
  KEY_ALTERED: {
    status: 422,
    sentence:
      'Cette clé n’est pas authentique : comparez-la, caractère par caractère, à celle que vous avez reçue, ou demandez-en une autre à votre conseiller.',
  },
  /** A key that was issued to another agency. */
  KEY_OF_ANOTHER_AGENCY: {
    status: 422,
    sentence: 'Cette clé a été émise pour une autre société : saisissez une clé émise pour la vôtre.',
  },
  /** A key after its last day. */
  KEY_EXPIRED: {
    status: 422,
    sentence: 'Cette clé a expiré sans avoir été enregistrée : demandez-en une nouvelle à votre conseiller.',
  },
  /** A key that was entered before. */
  KEY_USED: {
    status: 409,
    sentence:
      'Cette clé a déjà été enregistrée et ses signatures comptées : vérifiez votre solde, et saisissez une autre clé.',
  },
} as const satisfies Record<string, RefusalMeaning>;

export type CreditRefusalCode = keyof typeof refusals;
export type CreditRefusal = Refusal<CreditRefusalCode>;

export function refused(code: CreditRefusalCode): CreditRefusal {
  return { refused: code };
}
