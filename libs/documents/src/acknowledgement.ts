import { renderTemplate } from './render-template.js';

/** What the acknowledgement of receipt says. It has no field for the sender: who sent the letter shows only after acceptance. */
export interface Acknowledgement {
  /** `LRE_9998_001_20180320143707` */
  reference: string;
  /** As the letter is addressed: "M. et Mme CHARPENTIER Jean Luc". */
  recipientName: string;
  /** ISO 8601 instant of the deposit. */
  depositedAt: string;
  /** Documents of the letter, this one not counted. */
  documentCount: number;
  /** Name of the entry in the trusted list; without one the document says « service non qualifié » (L.101 CPCE). */
  qualification?: string | undefined;
}

/**
 * The HTML of document 1 of every letter, the one that the recipient signs (manual, V.2): to be printed by PdfPrinter.
 * @throws TemplateFailed when `depositedAt` is no instant
 */
export function renderAcknowledgement(data: Acknowledgement): string {
  const { reference, recipientName, depositedAt, documentCount, qualification } = data;
  return renderTemplate('acknowledgement', {
    reference,
    recipientName,
    depositedAt,
    documents: documentCount === 1 ? '1 document' : `${documentCount} documents`,
    total: documentCount + 1,
    qualification: qualification || null,
  });
}
