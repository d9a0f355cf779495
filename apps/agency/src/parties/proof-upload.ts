import type { Request, Response } from 'express';
import { LARGEST_PROOF_BYTES } from '#libs/documents';
import { EdgeFailure } from '#libs/web';
import { readUpload, type Upload, type UploadLimits } from '../letters/uploads.js';

const LIMITS: UploadLimits = {
  documents: 1,
  documentBytes: LARGEST_PROOF_BYTES,
  textBytes: 64 * 1024,
  tooLarge: 'Ce justificatif dépasse 10 Mo : réduisez-le, puis joignez-le de nouveau.',
  tooMany: 'Un accord porte un seul justificatif : réunissez les pages en un seul PDF.',
};

/** One proof, and the texts beside it. @throws UploadRefused */
export function readProof(request: Request, response: Response, textPart?: string): Promise<Upload> {
  const parts = { documentPart: 'proof', limits: LIMITS, ...(textPart === undefined ? {} : { textPart }) };
  return readUpload(request, response, parts);
}

export const PROOF_MISSING = 'Joignez le justificatif de l’accord : un PDF, un JPEG ou un PNG de 10 Mo au plus.';

/** @throws EdgeFailure 422 where no file came. */
export function proofOf({ documents }: Upload): Upload['documents'][number] {
  const [proof] = documents;
  if (proof) return proof;
  const errors = [{ field: 'proof', message: PROOF_MISSING }];
  throw new EdgeFailure({ status: 422, code: 'PROOF_MISSING', title: PROOF_MISSING, errors });
}
