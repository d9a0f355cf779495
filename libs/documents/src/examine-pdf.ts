// The program of the threads in which inspectPdf has files parsed, one at a time. It imports nothing of ours and is plain JavaScript but for its
// types, so that Node.js runs it as it is, too.
import { isMainThread, parentPort } from 'node:worker_threads';
import { ParseSpeeds, PDFArray, PDFDict, PDFDocument, PDFName, type PDFObject } from '@cantoo/pdf-lib';

export type PdfExamination = { pages: number } | { refused: 'NOT_A_PDF' | 'ENCRYPTED' | 'EMPTY' };

/** More than any letter has, and few enough to be counted in an instant. */
const MOST_NODES = 200_000;

const KIDS = PDFName.of('Kids');

/** Reads a file as a PDF. It may take any time and any memory: the caller bounds both. */
async function examinePdf(bytes: Uint8Array): Promise<PdfExamination> {
  let document: PDFDocument;
  try {
    const options = { ignoreEncryption: true, updateMetadata: false, parseSpeed: ParseSpeeds.Fastest };
    document = await PDFDocument.load(bytes, options);
  } catch {
    return { refused: 'NOT_A_PDF' };
  }
  // Whatever the user password: with an empty one a reader opens the file, but rights are taken away and the parts are ciphered.
  if (document.context.trailerInfo.Encrypt) return { refused: 'ENCRYPTED' };
  const pages = pageCount(document);
  if (pages === undefined) return { refused: 'NOT_A_PDF' };
  return pages === 0 ? { refused: 'EMPTY' } : { pages };
}

/**
 * Counts the leaves of the page tree (ISO 32000-1, 7.7.3), whatever its `Count` entries claim.
 * @returns undefined when the tree is broken: no root, a missing node, a branch that comes again; a page may
 */
function pageCount({ catalog, context }: PDFDocument): number | undefined {
  const root = catalog instanceof PDFDict ? catalog.get(PDFName.of('Pages')) : undefined;
  if (!root) return undefined;
  const open: PDFObject[] = [root];
  const branches = new Set<PDFObject>();
  let pages = 0;
  for (let node = open.pop(); node; node = open.pop()) {
    const dict = context.lookup(node);
    if (!(dict instanceof PDFDict) || branches.has(dict) || branches.size + pages >= MOST_NODES) return undefined;
    const kids = dict.lookup(KIDS);
    if (kids instanceof PDFArray) {
      branches.add(dict);
      for (const kid of kids.asArray()) open.push(kid);
    } else if (dict.lookup(PDFName.of('Type')) === PDFName.of('Page')) pages += 1;
    else return undefined;
  }
  return pages;
}

async function answer(bytes: Uint8Array): Promise<void> {
  parentPort?.postMessage(await examinePdf(bytes));
}

if (!isMainThread) parentPort?.on('message', (bytes: Uint8Array) => void answer(bytes));
