import type { LetterEvent } from '#libs/letter';
import type { ProofFacts } from '#libs/proof';
import { evidenceRecord, type ErdsEvent, type RecordFacts } from './evidence-record.js';

/** The events of EN 319 522-1 that the events of a letter with a proof are, and why, for those that must say so. */
function erdsEvent(event: LetterEvent): Pick<RecordFacts, 'event' | 'reason'> {
  const because = (name: ErdsEvent, code: string, details: string) => ({ event: name, reason: { code, details } });
  switch (event.type) {
    case 'Signed':
      return { event: 'ContentConsignment' };
    case 'Refused':
      return because('ConsignmentRejection', 'refused-by-recipient', 'Le destinataire a refusé la lettre.');
    case 'Expired':
      return because('AcceptanceRejectionExpiry', 'window-ended', 'Le délai de réponse est écoulé.');
    case 'NotificationFailed': {
      const details = `La messagerie du destinataire a refusé l’avis (code ${String(event.data.code)}).`;
      return because('NotificationForAcceptanceFailure', 'refused-by-mail-system', details);
    }
    case 'ContentAccessed':
      return { event: event.data.mode === 'opened' ? 'ContentAccessTracking' : 'ContentHandover' };
    default:
      return { event: 'SubmissionAcceptance' };
  }
}

/** The evidence record that goes with a proof: the same facts give the same text. */
export function recordOfProof(facts: ProofFacts, issuer: RecordFacts['issuer']): string {
  const { id, event, terms, sender, recipient, depositedAt, documents } = facts;
  return evidenceRecord({
    ...erdsEvent(facts.event),
    ...{ id, issuer, sender, depositedAt, documents },
    recipient: { name: [recipient.civility, recipient.name].filter(Boolean).join(' '), email: recipient.email },
    at: event.data.at,
    profile: terms.legalProfile,
    reference: terms.reference,
  });
}
