export { AgencyAccess } from './agency-access.js';
export type { AccessAgency, AccessKey, AccessUser, LockedUser } from './agency-access.js';
export { agencyAccessProjection } from './projection.js';
