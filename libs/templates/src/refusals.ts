import type { Refusal, RefusalMeaning } from '#libs/letter';

/** Every refusal of an agency's templates: the HTTP status for programs, and for people the French sentence that says what to do. */
export const templateRefusals = {
  /** Any command but `saveTemplate` under a name that the agency has no template of. */
  UNKNOWN_TEMPLATE: {
    status: 404,
    sentence: 'Ce modèle n’existe pas ou plus : choisissez-en un dans la liste des modèles.',
  },
  TEMPLATE_NAME_MALFORMED: {
    status: 422,
    sentence: 'Le nom a de 1 à 40 lettres, chiffres, points, tirets ou soulignés, sans espace : corrigez-le.',
  },
  /** `saveTemplate` under a name that Pli keeps for its own. */
  TEMPLATE_NAME_RESERVED: {
    status: 422,
    sentence: 'Les noms qui commencent par « PLI_ » sont ceux des modèles d’origine : choisissez un autre nom.',
  },
  /** `createTemplate` under the name of a template that says something else. */
  TEMPLATE_NAME_TAKEN: {
    status: 409,
    sentence: 'Un autre modèle porte déjà ce nom : modifiez-le ou choisissez un autre nom.',
  },
  TOO_MANY_TEMPLATES: {
    status: 409,
    sentence: 'Il y a déjà 50 modèles de ce type : supprimez-en un avant d’en créer un autre.',
  },
  SUBJECT_MISSING: { status: 422, sentence: 'L’objet manque : écrivez-le.' },
  SUBJECT_TOO_LONG: { status: 422, sentence: 'L’objet dépasse 200 caractères : raccourcissez-le.' },
  BODY_MISSING: { status: 422, sentence: 'Le texte manque : écrivez-le.' },
  BODY_TOO_LONG: { status: 422, sentence: 'Le texte dépasse 20 000 caractères : raccourcissez-le.' },
  /** What the law and the ceremony need: without it the recipient could not answer, or not know until when. */
  LINK_MISSING: {
    status: 422,
    sentence: 'Le lien manque : écrivez {{lien}} dans le texte, hors de toute condition et de toute liste.',
  },
  DEADLINE_MISSING: {
    status: 422,
    sentence:
      'La date limite manque : écrivez {{dateLimite}} dans le texte, hors de toute condition et de toute liste.',
  },
  CODE_MISSING: {
    status: 422,
    sentence: 'Le code manque : écrivez {{code}} dans le texte, hors de toute condition et de toute liste.',
  },
  /** R. 53-3, I, al. 2 CPCE. */
  SENDER_NAMED: {
    status: 422,
    sentence:
      'Ce message nomme votre agence, or l’expéditeur reste inconnu du destinataire jusqu’à son acceptation : retirez le nom et l’adresse e-mail de l’agence.',
  },
  SMS_TOO_LONG: { status: 422, sentence: 'Le SMS dépasse 160 caractères : raccourcissez-le.' },
  SMS_ALPHABET: {
    status: 422,
    sentence:
      "Un SMS ne porte que les caractères courants : remplacez les apostrophes ’ par ' et retirez ê, ç, « » et les émojis.",
  },
  /** `removeTemplate` of a template that Pli comes with. */
  BUILT_IN_TEMPLATE: {
    status: 409,
    sentence:
      'Un modèle d’origine ne peut pas être supprimé : rétablissez son texte d’origine ou créez un autre modèle.',
  },
  /** `resetTemplate` of a template of the agency's own. */
  NOT_BUILT_IN: {
    status: 409,
    sentence: 'Seul un modèle d’origine a un texte d’origine : modifiez ou supprimez celui-ci.',
  },
  /** `requestTrial` of what is no e-mail. */
  NO_TRIAL: { status: 422, sentence: 'Seul un e-mail s’essaie par un envoi : regardez plutôt l’aperçu.' },
  TOO_MANY_TRIALS: {
    status: 429,
    sentence: 'Cinq essais ont été envoyés en dix minutes : regardez l’aperçu, ou réessayez dans dix minutes.',
  },
  /** `confirmTrial` or `failTrial` of what nobody asked for. */
  UNKNOWN_TRIAL: { status: 404, sentence: 'Cet essai n’a pas été demandé : demandez-en un nouveau.' },
} as const satisfies Record<string, RefusalMeaning>;

export type TemplateRefusalCode = keyof typeof templateRefusals;
export type TemplateRefusal = Refusal<TemplateRefusalCode>;

export function refused(code: TemplateRefusalCode): TemplateRefusal {
  return { refused: code };
}
