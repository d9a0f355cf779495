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
  /** Any command of a user whom the agency does not have. */
  UNKNOWN_USER: { status: 404, sentence: 'Cet utilisateur n’existe pas : choisissez-le dans la liste de l’équipe.' },
  /** `inviteUser` for somebody who has joined already. */
  USER_HAS_JOINED: {
    status: 409,
    sentence: 'Cette personne a déjà un compte dans votre agence : modifiez son rôle ou réactivez son compte.',
  },
  /** A command that only somebody who has joined and is not deactivated can have. */
  USER_NOT_ACTIVE: {
    status: 409,
    sentence:
      'Ce compte n’est pas actif : réactivez-le, ou invitez de nouveau la personne si elle n’a jamais rejoint l’équipe.',
  },
  /** `changeRole` or `deactivateUser` that would leave the agency without an active manager. */
  LAST_MANAGER: {
    status: 409,
    sentence: 'L’agence doit garder un gestionnaire actif : nommez-en d’abord un autre.',
  },
  /** `acceptInvitation` or `resetPassword` by a link that was used, replaced or withdrawn. */
  LINK_USED: { status: 410, sentence: 'Ce lien a déjà servi ou a été remplacé : demandez-en un nouveau.' },
  /** The same once its time is over. */
  LINK_EXPIRED: { status: 410, sentence: 'Ce lien n’est plus valable, son délai est passé : demandez-en un nouveau.' },
  /** `changePassword` after the password was changed elsewhere meanwhile. */
  PASSWORD_CHANGED_MEANWHILE: {
    status: 409,
    sentence: 'Votre mot de passe vient d’être changé ailleurs : reconnectez-vous avec le nouveau.',
  },
  /** `proposeSecondFactor` or `confirmSecondFactor` while a second factor is in force. */
  SECOND_FACTOR_IN_FORCE: {
    status: 409,
    sentence: 'La double authentification est déjà activée : désactivez-la avant de changer d’appareil.',
  },
  /** `confirmSecondFactor` of a factor that was replaced. */
  SECOND_FACTOR_REPLACED: {
    status: 409,
    sentence: 'Ce code QR a été remplacé : scannez celui qui est affiché maintenant.',
  },
  /** `useRecoveryCode` without a second factor in force, or with a code that is none or was used. */
  RECOVERY_CODE_WRONG: {
    status: 422,
    sentence: 'Ce code de secours n’est pas valable ou a déjà servi : essayez-en un autre.',
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
