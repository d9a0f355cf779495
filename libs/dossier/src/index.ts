export { verifyDossier, DossierUnreadable } from './verify.js';
export type { DossierFault, Happening, HoldingProof, Verdict } from './verify.js';
export { writeDossier } from './write.js';
export type { LetterRecord } from './write.js';
