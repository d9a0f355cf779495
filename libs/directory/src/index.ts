export type { CatalogueEntry } from '#libs/letter';
export { catalogue } from './events.js';
export type { AgencyDetails, AgencyEvent, AgencyEventOf, AgencyEventType, UserRole } from './events.js';
export type { AgencyCommand, AgencyCommandOf } from './commands.js';
export { refusals } from './refusals.js';
export type { AgencyRefusal, AgencyRefusalCode } from './refusals.js';
export type { Agency, AgencyUser, ApiKey, RegisteredAgency } from './state.js';
export { agency } from './decide.js';
