export { isRefusal } from './decider.js';
export type { CatalogueEntry, Decider, Event, EventBody, Instant, Refusal, RefusalMeaning } from './decider.js';
export { catalogue } from './events.js';
export type {
  AccessMode,
  DocumentPrint,
  EventOf,
  Information,
  InformedParty,
  LetterEvent,
  LetterEventType,
  PartyKind,
  Recipient,
  Sender,
} from './events.js';
export type { CommandOf, LetterCommand, LetterCommandType, NamedDocument, Submit } from './commands.js';
export { refusals } from './refusals.js';
export type { LetterRefusal, RefusalCode } from './refusals.js';
export type {
  Challenge,
  Letter,
  LetterIn,
  LetterStatus,
  Parties,
  Paper,
  PrintDownload,
  PrintJob,
  Terms,
  Told,
} from './state.js';
export { letter } from './decide.js';
export { describeEvent, lastDayLabel, statusLabels } from './labels.js';
export { jobNumber, sheetsOf, trackingNumber, weightWords } from './paper.js';
export { triesLeft } from './decide-identity.js';
export { currentChallenge, documentReference, nextChallenge, recipientMayHavePaper, sessionMayEnter } from './views.js';
