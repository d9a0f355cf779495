import { renderTemplate } from './render-template.js';

/** One line of a proof: what it is, and what it is worth. */
export interface ProofLine {
  readonly label: string;
  readonly value: string;
  /** Said in smaller letters below. */
  readonly note?: string;
  /** An instant in ISO 8601 instead of a text: shown in Paris time and in GMT. */
  readonly instant?: boolean;
}

/** What a proof of a letter's life says. */
export interface ProofDocument {
  /** « Preuve de dépôt » */
  readonly title: string;
  /** What it attests, in one sentence. */
  readonly statement: string;
  /** `LRE_9998_001_20180320143707` */
  readonly reference: string;
  readonly sections: readonly { readonly title: string; readonly lines: readonly ProofLine[] }[];
  /** Whose seal it bears. */
  readonly sealedBy: string;
  /** Name of the entry in the trusted list; without one the document says « service non qualifié » (L.101 CPCE). */
  readonly qualification?: string | undefined;
}

/** The template that proofs are written by. A released one is never edited: another wording is another template with another name. */
export const PROOF_TEMPLATE = 'proof-1';

/**
 * The HTML of a proof, to be printed by PdfPrinter.
 * @throws TemplateFailed when an instant is none
 */
export function renderProof({ sections, qualification, ...words }: ProofDocument): string {
  return renderTemplate(PROOF_TEMPLATE, {
    ...words,
    qualification: qualification || null,
    sections: sections.map(({ title, lines }) => ({
      title,
      lines: lines.map(({ label, value, note = null, instant = false }) => ({ label, value, note, instant })),
    })),
  });
}
