export { archivalPdf } from './archival-pdf.js';
export { recordOfProof } from './letter-record.js';
export { AUTHORITY_FILES, LocalAuthority } from './local-authority.js';
export type { LocalAuthorityOptions } from './local-authority.js';
export { EvidenceRejected } from './rejected.js';
export { RevocationListUnavailable } from './revocation-lists.js';
export { assembleSealedPdf, sealIssuer } from './seal.js';
export { SealingOffice } from './sealing-office.js';
export { TimestampUnavailable } from './timestamp-client.js';
