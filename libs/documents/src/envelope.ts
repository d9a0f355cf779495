import { renderTemplate } from './render-template.js';

/** A letter on paper, as its address page and its job ticket tell of it. */
export interface Envelope {
  /** The number of the job, as people say it. */
  readonly number: string;
  /** `LRE_9998_001_20180320143707` */
  readonly reference: string;
  readonly sender: { readonly name: string; readonly email: string };
  /** What stands in the window, name first. */
  readonly addressLines: readonly string[];
  /** ISO 8601 instant at which paper was asked for. */
  readonly requestedAt: string;
  readonly requestedBy: 'sender' | 'recipient';
  readonly documents: readonly { readonly name: string; readonly pages: number }[];
  /** Name of the entry in the trusted list; without one the page says « service non qualifié » (L. 101 CPCE). */
  readonly qualification?: string | undefined;
}

/** Letters on a line of an address (NF Z10-011); a longer one goes on in the next. */
const LINE = 38;
/** Lines that the window of a DL envelope shows wherever the sheet lies in it: 24 mm, see the template. */
const LINES = 6;

/**
 * The HTML of the first sheet in an envelope, to be printed by PdfPrinter: the addressee where the window is, who sends it, what is in it.
 * Measures and sources are in the template.
 */
export function renderAddressPage(envelope: Envelope): string {
  const lines = envelope.addressLines.flatMap(wrapped);
  return renderTemplate('address-page', { ...shown(envelope), addressLines: lines, isLong: lines.length > LINES });
}

/** The HTML of the ticket that goes with a job through the shop; `pages` and `sheets` are those of what is printed. */
export function renderJobTicket(envelope: Envelope, paper: { pages: number; sheets: number; weight: string }): string {
  return renderTemplate('job-ticket', { ...shown(envelope), ...paper, addressLines: [...envelope.addressLines] });
}

const shown = ({ documents, requestedBy, qualification, ...envelope }: Envelope): Record<string, unknown> => ({
  ...envelope,
  qualification: qualification || null,
  requestedBy: requestedBy === 'sender' ? 'l’expéditeur' : 'le destinataire',
  documents: documents.map(({ name, pages }) => ({ name, pages: `${pages} page${pages > 1 ? 's' : ''}` })),
});

/** Cuts a line between words where it is too long; a word that is longer by itself stays whole. */
function wrapped(line: string): string[] {
  const lines: string[] = [];
  for (const word of line.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > LINE) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
