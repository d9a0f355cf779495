export { Campaigns } from './campaigns.js';
export type {
  CampaignLetterRow,
  CampaignPage,
  CampaignRow,
  KeptSettings,
  LetterPage,
  LettersQuery,
  UnfinishedCampaign,
} from './campaigns.js';
export { campaignsProjection } from './projection.js';
