export { PartyCursorInvalid, ThirdParties } from './third-parties.js';
export type { PartyPage, PartyQuery, PartyRow } from './third-parties.js';
export { thirdPartiesProjection } from './projection.js';
