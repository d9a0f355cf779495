import type { Request, Response } from 'express';
import multer from 'multer';
import { LARGEST_PDF_BYTES } from '#libs/documents';
import { EdgeFailure, type Problem } from '#libs/web';

const MOST_DOCUMENTS = 10;
const LARGEST_TEXT_BYTES = 64 * 1024;
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

const PROBLEMS = {
  NOT_MULTIPART: {
    status: 415,
    title: 'La demande doit être de type multipart/form-data : une partie pour la lettre, une par document.',
  },
  TOO_LARGE: { status: 413, title: 'Un document dépasse 25 Mo : réduisez-le, puis joignez-le de nouveau.' },
  TOO_MANY_DOCUMENTS: {
    status: 422,
    title: 'Une lettre porte dix documents au plus : réunissez-en plusieurs en un seul PDF.',
  },
  UNKNOWN_PART: { status: 422, title: 'La demande contient une partie inconnue : retirez-la.' },
  TEXT_TOO_LARGE: { status: 413, title: 'Un champ est trop long : raccourcissez-le.' },
  BROKEN_MULTIPART: { status: 400, title: 'L’envoi est incomplet ou mal formé : recommencez-le.' },
} as const;

type UploadFault = keyof typeof PROBLEMS;

/** Multer's own codes; every other failure of its parser is a broken body. */
const FAULTS: Readonly<Record<string, UploadFault>> = {
  LIMIT_FILE_SIZE: 'TOO_LARGE',
  LIMIT_FILE_COUNT: 'TOO_MANY_DOCUMENTS',
  LIMIT_FIELD_COUNT: 'UNKNOWN_PART',
  LIMIT_FIELD_KEY: 'TEXT_TOO_LARGE',
  LIMIT_FIELD_VALUE: 'TEXT_TOO_LARGE',
};

/**
 * Reads a multipart body into memory: at most ten documents of 25 MB under the part name `documentPart`.
 *
 * A part named `textPart` counts as a text even when the client sends it as a file, as `curl -F letter=@letter.json` does.
 *
 * @throws UploadRefused
 */
export async function readUpload(
  request: Request,
  response: Response,
  { documentPart, textPart }: { documentPart: string; textPart?: string },
): Promise<Upload> {
  if (!request.is('multipart/form-data')) throw refusal('NOT_MULTIPART', {});
  const parse = multer({
    storage: multer.memoryStorage(),
    limits: {
      fileSize: LARGEST_PDF_BYTES,
      files: MOST_DOCUMENTS + (textPart ? 1 : 0),
      fieldSize: LARGEST_TEXT_BYTES,
      fields: MOST_TEXTS,
    },
    defParamCharset: 'utf8',
  }).any();
  await new Promise<void>((resolve, reject) => {
    parse(request, response, (error: unknown) => (error ? reject(refusalOf(error, textsOf(request))) : resolve()));
  });
  return uploadOf(request, documentPart, textPart);
}

function uploadOf(request: Request, documentPart: string, textPart: string | undefined): Upload {
  const texts = { ...textsOf(request) };
  const documents: { name: string; bytes: Buffer }[] = [];
  for (const { fieldname, originalname, buffer } of request.files as Express.Multer.File[]) {
    if (fieldname === documentPart) {
      documents.push({ name: documentName(originalname, documents.length + 1), bytes: buffer });
    } else if (fieldname === textPart && buffer.length <= LARGEST_TEXT_BYTES) {
      texts[textPart] = buffer.toString('utf8');
    } else {
      throw refusal(fieldname === textPart ? 'TEXT_TOO_LARGE' : 'UNKNOWN_PART', texts);
    }
  }
  if (documents.length > MOST_DOCUMENTS) throw refusal('TOO_MANY_DOCUMENTS', texts);
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

function refusalOf(error: unknown, texts: Upload['texts']): UploadRefused {
  const code = error instanceof multer.MulterError ? FAULTS[error.code] : undefined;
  return refusal(code ?? 'BROKEN_MULTIPART', texts);
}

function refusal(code: UploadFault, texts: Upload['texts']): UploadRefused {
  return new UploadRefused({ code, ...PROBLEMS[code] }, texts);
}
