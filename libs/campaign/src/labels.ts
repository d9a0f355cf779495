import type { LetterOutcome } from './events.js';
import type { CampaignStatus } from './state.js';

export const campaignStatusLabels: Readonly<Record<CampaignStatus, string>> = {
  draft: 'En préparation',
  running: 'Envoi en cours',
  finished: 'Terminé',
  abandoned: 'Abandonné',
};

export const outcomeLabels: Readonly<Record<LetterOutcome, string>> = {
  submitted: 'Transmise',
  failed: 'Échec',
  skipped: 'Écartée',
};
