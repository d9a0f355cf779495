export {
  AttachFile,
  CampaignById,
  CommandCampaign,
  FileOfCampaign,
  type CampaignOutcome,
} from './campaign-commands.js';
export { accessToken } from './access-links.js';
export { RecordAccess } from './access-log.js';
export {
  AgencyById,
  apiKeyHash,
  CommandAgency,
  IssueApiKey,
  RegisterAgency,
  RegisterUser,
  type AgencyOutcome,
} from './agency-commands.js';
export { CommandCredit } from './command-credit.js';
export { CommandLetter, letterStream, type LetterOutcome } from './command-letter.js';
export { CreateAgency } from './create-agency.js';
export { EnterKey } from './enter-key.js';
export { EnterCode, RequestCode } from './one-time-code.js';
export {
  FiledDocumentById,
  FileDocument,
  FileOfFiledDocument,
  RemoveDocument,
  ReplaceDocument,
  type FileToFile,
  type FilingOutcome,
  type ReadFiledDocument,
} from './filing-commands.js';
export { logInName, LogInTaken } from './log-ins.js';
export { isPassword, NOBODYS_PASSWORD } from './passwords.js';
export {
  CommandParty,
  GiveConsent,
  mustReceive,
  PartyByCode,
  partyStream,
  ProofOfParty,
  type ConsentToGive,
  type PartyOutcome,
} from './party-commands.js';
export { CommandProofs, ProofsOfLetter } from './proof-commands.js';
export { DocumentOfLetter, LetterById, type ReadLetter } from './read-letter.js';
export { LetterOfRequest, ReceiveRequest, RequestDiffers, type RequestToReceive } from './receive-request.js';
export {
  CommandReminder,
  DocumentOfReminder,
  ReceiveReminder,
  ReminderById,
  type LineToReceive,
  type ReminderOutcome,
} from './reminder-commands.js';
export {
  LetterOfReminder,
  letterKindOf,
  writeLetter,
  type LetterToWrite,
  type ReminderLetter,
} from './reminder-letter.js';
export { REACTION_GROUPS, type ReactionGroup } from './reaction-groups.js';
export { ReferencesExhausted } from './reservations.js';
export { isLink, linkHash, linkToken, otpCode, packageNumber } from './secrets.js';
export { CommandsModule, Stores } from './stores.js';
export { forecastLetter, SubmitLetter, type LetterToSubmit } from './submit-letter.js';
export { readTemplate, TemplateFaulty, type CompiledTemplate } from './read-template.js';
export { CommandTemplates, SaveTemplate, TemplatesOfAgency, type TemplateToSave } from './template-commands.js';
export { factorAddress, stepOfCode } from './second-factor.js';
export {
  AcceptInvitation,
  ChangePassword,
  ConfirmSecondFactor,
  InviteUser,
  PasswordWrong,
  ProposeSecondFactor,
  RequestPasswordReset,
  ResetPassword,
  SecondFactorWrong,
  UseRecoveryCode,
  UserOfLink,
  type LinkedUser,
} from './user-commands.js';
