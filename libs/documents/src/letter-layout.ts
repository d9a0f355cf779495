import { blocksOf, type Block } from './mail-layout.js';
import { renderTemplate } from './render-template.js';

/** What stands on a letter, filled in. */
export interface LetterWords {
  readonly sender: { readonly name: string; readonly email: string };
  /** The lines in the window of the envelope: name, then address. */
  readonly addressee: readonly string[];
  /** As people read it: `20 mars 2018`. */
  readonly date: string;
  /** What the agency asks to be quoted. */
  readonly references: readonly { readonly label: string; readonly value: string }[];
  readonly subject: string;
  /** In the simple form of e-mails (`MailWords.body`), without links. */
  readonly body: string;
}

/**
 * The HTML of a letter on paper of A4, to be printed by PdfPrinter: the addressee is where the window of a DL envelope is. Whatever the
 * words hold is text: nothing in them is markup, and nothing is loaded.
 */
export function layOutLetter({ body, addressee, ...words }: LetterWords): string {
  const blocks = blocksOf({ body, link: '' }).map(shownBlock);
  return renderTemplate('letter', { ...words, addressee: [...addressee], references: [...words.references], blocks });
}

/** The template is strict: each kind of part is there, and only one is not empty. */
function shownBlock(block: Block): Record<string, unknown> {
  const nothing = { heading: null, paragraph: null, frame: null, facts: null };
  if ('heading' in block) return { ...nothing, heading: block.heading };
  if ('paragraph' in block) return { ...nothing, paragraph: block.paragraph.map(wordsOf) };
  if ('frame' in block) return { ...nothing, frame: block.frame.map(wordsOf) };
  if ('facts' in block) return { ...nothing, facts: block.facts };
  return { ...nothing, paragraph: [block.button] };
}

const wordsOf = (line: readonly { readonly words: string }[]): string => line.map(({ words }) => words).join('');
