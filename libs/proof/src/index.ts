export { proofCatalogue } from './events.js';
export type { ProofEvent, ProofEventOf, ProofKind } from './events.js';
export type { ProofCommand } from './commands.js';
export { proofRefusals } from './refusals.js';
export type { Proof, Proofs } from './state.js';
export { proofs } from './decide.js';
export { proofFacts } from './facts.js';
export type { PlacedEvent, ProofFacts } from './facts.js';
export { proofLabels, proofStatusLabels } from './labels.js';
