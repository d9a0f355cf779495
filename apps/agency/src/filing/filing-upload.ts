import type { Request, Response } from 'express';
import { LARGEST_PDF_BYTES } from '#libs/documents';
import { EdgeFailure, type FieldFault } from '#libs/web';
import { documentFaults } from '../letters/document-faults.js';
import { readUpload, type Upload, type UploadLimits } from '../letters/uploads.js';

const LIMITS: UploadLimits = {
  documents: 20,
  documentBytes: LARGEST_PDF_BYTES,
  textBytes: 64 * 1024,
  tooLarge: 'Un document dépasse 25 Mo : réduisez-le, puis choisissez-le de nouveau.',
  tooMany: 'Vingt documents au plus se classent en une fois : choisissez-en moins, puis recommencez.',
};
const ONE: UploadLimits = {
  ...LIMITS,
  documents: 1,
  tooMany: 'Un seul fichier remplace un document : n’en choisissez qu’un.',
};

/** Documents to file, and the texts beside them. @throws UploadRefused */
export function readDocuments(
  request: Request,
  response: Response,
  parts: { documentPart: string; textPart?: string },
): Promise<Upload> {
  return readUpload(request, response, { ...parts, limits: LIMITS });
}

/** The one file that takes the place of another. @throws UploadRefused */
export function readReplacement(request: Request, response: Response): Promise<Upload> {
  return readUpload(request, response, { documentPart: 'document', limits: ONE });
}

const NO_DOCUMENT = 'Choisissez au moins un fichier PDF.';

/** What is wrong with the files, each by its name. */
export async function filesFaults(documents: Upload['documents']): Promise<readonly FieldFault[]> {
  if (documents.length === 0) return [{ field: 'documents', message: NO_DOCUMENT }];
  return documentFaults(documents, () => 'documents');
}

/** @throws EdgeFailure 422 with the code of the first faulty document and a sentence for each. */
export async function mustBePdfs(documents: Upload['documents']): Promise<void> {
  if (documents.length === 0) throw new EdgeFailure({ status: 422, code: 'NO_DOCUMENT', title: NO_DOCUMENT });
  const faults = await documentFaults(documents, (index) => `document[${index}]`);
  const [first] = faults;
  if (!first) return;
  const errors = faults.map(({ field, message }) => ({ field, message }));
  throw new EdgeFailure({ status: 422, code: first.code, title: first.message, errors });
}
