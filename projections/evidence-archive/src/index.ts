export { EvidenceArchive } from './evidence-archive.js';
export type { DelayedProof } from './evidence-archive.js';
export { evidenceArchiveProjection } from './projection.js';
