export { catalogue, settingTemplates } from './events.js';
export type {
  CampaignEvent,
  CampaignEventOf,
  CampaignEventType,
  CampaignTerms,
  CategoryChoice,
  FiledPrint,
  LetterOutcome,
  LetterResult,
  ListedLetter,
  ListedPerson,
  ResultCounts,
  SettingTemplate,
} from './events.js';
export type { CampaignCommand, CampaignCommandOf, LetterToList } from './commands.js';
export { campaignRefusals } from './refusals.js';
export type { CampaignRefusalCode } from './refusals.js';
export type { Campaign, CampaignIn, CampaignLetter, CampaignSettings, CampaignStatus } from './state.js';
export { campaign, countsOf, LETTERS_PER_LISTING, MOST_FILES, MOST_LINES } from './decide.js';
export { LETTER_NAME, letterReasons } from './reasons.js';
export { campaignStatusLabels, outcomeLabels } from './labels.js';
