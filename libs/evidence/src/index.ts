export { AUTHORITY_FILES, LOCAL_POLICY, LocalAuthority } from './local-authority.js';
export type { LocalAuthorityOptions } from './local-authority.js';
export { EvidenceRejected } from './rejected.js';
