import type { ProofKind } from './events.js';
import type { Proof } from './state.js';

/** What the agency and the recipient read as the name of a proof. */
export const proofLabels: Readonly<Record<ProofKind, string>> = {
  deposit: 'Preuve de dépôt',
  reception: 'Preuve de réception',
  refusal: 'Preuve de refus',
  'non-claim': 'Preuve de non-réclamation',
  bounce: 'Preuve d’échec de notification',
  'content-access': 'Preuve d’accès au contenu',
};

/** Where a proof stands. */
export const proofStatusLabels: Readonly<Record<Proof['status'], string>> = {
  sealed: 'Horodatage en cours',
  delayed: 'Horodatage en attente : le service d’horodatage ne répond pas',
  issued: 'Scellée et horodatée',
};
