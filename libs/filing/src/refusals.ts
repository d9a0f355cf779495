import type { Refusal, RefusalMeaning } from '#libs/letter';

/** Every refusal of a filed document: the HTTP status for programs, and for people the French sentence that says what to do. */
export const filingRefusals = {
  /** `replaceDocument` or `removeDocument` on a stream without events. */
  UNKNOWN_DOCUMENT: { status: 404, sentence: 'Ce document n’existe pas : choisissez-le dans la liste.' },
  /** `fileDocument` under the id of another document, or of one that was replaced or removed since. */
  DOCUMENT_ALREADY_FILED: {
    status: 409,
    sentence:
      'Un autre document a déjà été classé sous cet identifiant : recommencez avec un nouveau formulaire, ou sous une nouvelle clé d’idempotence.',
  },
  /** `replaceDocument` after `removeDocument`. */
  DOCUMENT_REMOVED: {
    status: 409,
    sentence: 'Ce document a été retiré : classez le nouveau fichier comme un document à part.',
  },
} as const satisfies Record<string, RefusalMeaning>;

export type FilingRefusalCode = keyof typeof filingRefusals;
export type FilingRefusal = Refusal<FilingRefusalCode>;

export function refused(code: FilingRefusalCode): FilingRefusal {
  return { refused: code };
}
