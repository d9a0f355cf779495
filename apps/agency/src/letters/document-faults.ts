import { inspectPdf, PdfRefused } from '#libs/documents';
import type { FieldFault } from '#libs/web';
import type { Upload } from './uploads.js';

/**
 * Looks at every document by itself, so that each faulty one is told by its name.
 *
 * @param fieldOf names the field of a document by its place, from 0.
 */
export async function documentFaults(
  documents: Upload['documents'],
  fieldOf: (index: number) => string,
): Promise<readonly (FieldFault & { readonly code: string })[]> {
  const faults = [];
  for (const [index, { name, bytes }] of documents.entries()) {
    const refused = await refusalOf(bytes);
    if (refused)
      faults.push({
        field: fieldOf(index),
        message: `« ${name} » : ${asContinuation(refused.message)}`,
        code: refused.code,
      });
  }
  return faults;
}

/** A sentence as it stands after a colon. */
const asContinuation = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

async function refusalOf(bytes: Buffer): Promise<PdfRefused | undefined> {
  try {
    await inspectPdf(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof PdfRefused) return error;
    throw error;
  }
}
