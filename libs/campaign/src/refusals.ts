import { refusals as letterRefusals, type Refusal, type RefusalMeaning } from '#libs/letter';

const { RETENTION_OUT_OF_RANGE, RETENTION_TOO_SHORT, ALERT_OUT_OF_RANGE } = letterRefusals;

/** Every refusal of a campaign: the HTTP status for programs, and for people the French sentence that says what to do. */
export const campaignRefusals = {
  /** Any command but `draft` on a stream without events. */
  UNKNOWN_CAMPAIGN: { status: 404, sentence: 'Cet envoi n’existe pas : revenez à la liste des envois.' },
  /** `draft` without any line. */
  NO_LINE: { status: 422, sentence: 'Aucune relance n’est cochée : cochez au moins une relance de la liste.' },
  /** `draft` with more lines than a campaign takes. */
  TOO_MANY_LINES: {
    status: 422,
    sentence: 'Un envoi porte 2 000 relances au plus : répartissez-les en plusieurs envois.',
  },
  /** `draft` under the id of a campaign over other lines. */
  CAMPAIGN_ALREADY_DRAFTED: {
    status: 409,
    sentence: 'Un autre envoi existe déjà sous cet identifiant : revenez à la liste des relances et recommencez.',
  },
  /** Changing a campaign that was started. */
  CAMPAIGN_STARTED: { status: 409, sentence: 'Cet envoi est déjà parti : consultez son résultat.' },
  /** Changing or starting a campaign that was given up. */
  CAMPAIGN_ABANDONED: { status: 409, sentence: 'Cet envoi a été abandonné : créez-en un nouveau depuis les relances.' },
  /** Telling results of a campaign that was not started. */
  CAMPAIGN_NOT_STARTED: { status: 409, sentence: 'Cet envoi n’est pas encore parti : démarrez-le d’abord.' },
  /** `attachFile` with one file too many. */
  TOO_MANY_FILES: {
    status: 422,
    sentence: 'Un envoi porte huit fichiers joints au plus : retirez-en un avant d’en ajouter un autre.',
  },
  /** `start` before `chooseSettings`. */
  SETTINGS_MISSING: { status: 409, sentence: 'Les paramètres d’envoi manquent : enregistrez d’abord l’étape 1.' },
  /** `start` with a listing that is not complete, or older than the last change. */
  LISTING_OUTDATED: {
    status: 409,
    sentence: 'Le récapitulatif a changé entre-temps : vérifiez-le, puis envoyez de nouveau.',
  },
  /** `start` when no ticked letter can be sent. */
  NOTHING_TO_SEND: {
    status: 422,
    sentence: 'Aucune lettre ne peut partir : cochez au moins un destinataire sans empêchement.',
  },
  /** Settings, or their start, with a retention below the profile's window while not all recipients are professionals (R. 53-3 CPCE). */
  RETENTION_TOO_SHORT,
  RETENTION_OUT_OF_RANGE,
  ALERT_OUT_OF_RANGE,
} as const satisfies Record<string, RefusalMeaning>;

export type CampaignRefusalCode = keyof typeof campaignRefusals;
export type CampaignRefusal = Refusal<CampaignRefusalCode>;

export function refused(code: CampaignRefusalCode): CampaignRefusal {
  return { refused: code };
}
