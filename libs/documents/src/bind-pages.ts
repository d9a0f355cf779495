// The program of the thread in which bindForPrinting puts files together. It imports nothing of ours and is plain JavaScript but for its
// types, so that Node.js runs it as it is, too.
import { parentPort, workerData } from 'node:worker_threads';
import { PDFDocument } from '@cantoo/pdf-lib';

export type Binding = { bytes: Uint8Array; pages: number } | { refused: 'UNREADABLE' | 'TOO_MANY_PAGES' };

const { parts, createdAt, mostPages } = workerData as {
  readonly parts: readonly Uint8Array[];
  readonly createdAt: string;
  readonly mostPages: number;
};

async function bind(): Promise<Binding> {
  const bound = await PDFDocument.create({ updateMetadata: false });
  bound.setCreationDate(new Date(createdAt));
  bound.setModificationDate(new Date(createdAt));
  for (const part of parts) {
    const source = await PDFDocument.load(part, { updateMetadata: false });
    for (const page of await bound.copyPages(source, source.getPageIndices())) bound.addPage(page);
    // The back of its last sheet stays white, so that the next one begins on a front.
    if (bound.getPageCount() % 2 === 1) bound.addPage();
    if (bound.getPageCount() > mostPages) return { refused: 'TOO_MANY_PAGES' };
  }
  return { bytes: await bound.save({ addDefaultPage: false }), pages: bound.getPageCount() };
}

const answer = await bind().catch((): Binding => ({ refused: 'UNREADABLE' }));
parentPort?.postMessage(answer);
