export { catalogue } from './events.js';
export type { CreditEvent, CreditEventOf, CreditEventType, ReleaseReason, Totals } from './events.js';
export type { CreditCommand, CreditCommandOf } from './commands.js';
export type { CreditKey, KeyKind } from './key.js';
export { refusals } from './refusals.js';
export type { CreditRefusal, CreditRefusalCode } from './refusals.js';
export type { Credit } from './state.js';
export { credit } from './decide.js';
