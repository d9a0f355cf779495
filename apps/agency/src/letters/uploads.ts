import type { Request, Response } from 'express';
import multer from 'multer';
import { LARGEST_PDF_BYTES } from '#libs/documents';
import { EdgeFailure, type Problem } from '#libs/web';

/** What one request may carry; bytes each. */
export interface UploadLimits {
  readonly documents: number;
  readonly documentBytes: number;
  readonly textBytes: number;
  /** What people read when a document is larger, or when there are more. */
  readonly tooLarge: string;
  readonly tooMany: string;
}

const LETTER_LIMITS: UploadLimits = {
  documents: 10,
  documentBytes: LARGEST_PDF_BYTES,
  textBytes: 64 * 1024,
  tooLarge: 'Un document dépasse 25 Mo : réduisez-le, puis joignez-le de nouveau.',
  tooMany: 'Une lettre porte dix documents au plus : réunissez-en plusieurs en un seul PDF.',
};
const MOST_TEXTS = 30;
const LONGEST_NAME = 150;

/** What a multipart request (RFC 7578) carries: texts by part name, and documents in their order. */
export interface Upload {
  readonly texts: Readonly<Record<string, string>>;
  readonly documents: readonly { readonly name: string; readonly bytes: Buffer }[];
}

/** The request's body cannot be taken; `texts` holds what was readable before the fault, so that a form comes back filled in. */
export class UploadRefused extends EdgeFailure {
  constructor(
    problem: Problem,
    readonly texts: Upload['texts'],
  ) {
    super(problem);
  }
}

const problems = ({ tooLarge, tooMany }: UploadLimits) => ({
  NOT_MULTIPART: {
    status: 415,
    title: 'La demande doit être de type multipart/form-data : une partie pour les textes, une par document.',
  },
  TOO_LARGE: { status: 413, title: tooLarge },
  TOO_MANY_DOCUMENTS: { status: 422, title: tooMany },
  UNKNOWN_PART: { status: 422, title: 'La demande contient une partie inconnue : retirez-la.' },
  TEXT_TOO_LARGE: { status: 413, title: 'Un champ est trop long : raccourcissez-le.' },
  BROKEN_MULTIPART: { status: 400, title: 'L’envoi est incomplet ou mal formé : recommencez-le.' },
});

type UploadFault = keyof ReturnType<typeof problems>;

/** Multer's own codes; every other failure of its parser is a broken body. */
const FAULTS: Readonly<Record<string, UploadFault>> = {
  LIMIT_FILE_SIZE: 'TOO_LARGE',
  LIMIT_FILE_COUNT: 'TOO_MANY_DOCUMENTS',
  LIMIT_FIELD_COUNT: 'UNKNOWN_PART',
  LIMIT_FIELD_KEY: 'TEXT_TOO_LARGE',
  LIMIT_FIELD_VALUE: 'TEXT_TOO_LARGE',
};

/**
 * Reads a multipart body into memory: documents under the part name `documentPart`, at most ten of 25 MB unless `limits` says otherwise.
 *
 * A part named `textPart` counts as a text even when the client sends it as a file, as `curl -F letter=@letter.json` does.
 *
 * @throws UploadRefused
 */
export async function readUpload(
  request: Request,
  response: Response,
  parts: { documentPart: string; textPart?: string; limits?: UploadLimits },
): Promise<Upload> {
  const { documentPart, textPart, limits = LETTER_LIMITS } = parts;
  if (!request.is('multipart/form-data')) throw refusal('NOT_MULTIPART', {}, limits);
  const parse = multer({
    storage: multer.memoryStorage(),
    limits: {
      fileSize: limits.documentBytes,
      files: limits.documents + (textPart ? 1 : 0),
      fieldSize: limits.textBytes,
      fields: MOST_TEXTS,
    },
    defParamCharset: 'utf8',
  }).any();
  await new Promise<void>((resolve, reject) => {
    parse(request, response, (error: unknown) =>
      error ? reject(refusalOf(error, textsOf(request), limits)) : resolve(),
    );
  });
  return uploadOf(request, { documentPart, textPart, limits });
}

function uploadOf(
  request: Request,
  parts: { documentPart: string; textPart: string | undefined; limits: UploadLimits },
): Upload {
  const { documentPart, textPart, limits } = parts;
  const texts = { ...textsOf(request) };
  const documents: { name: string; bytes: Buffer }[] = [];
  for (const { fieldname, originalname, buffer } of request.files as Express.Multer.File[]) {
    if (fieldname === documentPart) {
      documents.push({ name: documentName(originalname, documents.length + 1), bytes: buffer });
    } else if (fieldname === textPart && buffer.length <= limits.textBytes) {
      texts[textPart] = buffer.toString('utf8');
    } else {
      throw refusal(fieldname === textPart ? 'TEXT_TOO_LARGE' : 'UNKNOWN_PART', texts, limits);
    }
  }
  if (documents.length > limits.documents) throw refusal('TOO_MANY_DOCUMENTS', texts, limits);
  return { texts, documents };
}

/** A part that was sent twice under one name arrives as a list: the form has none such, so the first one counts. */
function textsOf(request: Request): Upload['texts'] {
  const entries = Object.entries((request.body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]): [string, string] => [name, String(Array.isArray(value) ? value[0] : value)]),
  );
}

/** The name that the recipient will read: no folder, no control character, of a sensible length. */
function documentName(original: string, number: number): string {
  const name = (original.split(/[/\\]/).at(-1) ?? '').replace(/[\p{Cc}\p{Cs}]/gu, '').trim();
  if (name === '') return `Document ${number}.pdf`;
  if (name.length <= LONGEST_NAME) return name;
  return `${Array.from(name)
    .slice(0, LONGEST_NAME - 5)
    .join('')}….pdf`;
}

function refusalOf(error: unknown, texts: Upload['texts'], limits: UploadLimits): UploadRefused {
  const code = error instanceof multer.MulterError ? FAULTS[error.code] : undefined;
  return refusal(code ?? 'BROKEN_MULTIPART', texts, limits);
}

function refusal(code: UploadFault, texts: Upload['texts'], limits: UploadLimits): UploadRefused {
  return new UploadRefused({ code, ...problems(limits)[code] }, texts);
}
