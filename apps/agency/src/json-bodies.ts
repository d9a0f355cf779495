import type { Request } from 'express';
import { EdgeFailure } from '#libs/web';

/** @throws EdgeFailure 415 where the body is no JSON. */
export function jsonOf(request: Request): unknown {
  if (!request.is('application/json')) {
    throw new EdgeFailure({
      status: 415,
      code: 'NOT_JSON',
      title: 'La demande doit être du JSON : envoyez-la avec l’en-tête « Content-Type: application/json ».',
    });
  }
  return request.body;
}

/**
 * The JSON in the one text part that a multipart request may have.
 *
 * @param missing the code of the failure where the part is not there.
 * @throws EdgeFailure 400, 422
 */
export function jsonPartOf(texts: Readonly<Record<string, string>>, name: string, missing: string): unknown {
  const { [name]: text, ...unknown } = texts;
  const [part] = Object.keys(unknown);
  if (part !== undefined) {
    const title = `La partie « ${part} » est inconnue : retirez-la.`;
    throw new EdgeFailure({ status: 422, code: 'UNKNOWN_PART', title });
  }
  if (text === undefined) {
    const title = `La partie « ${name} » (application/json) manque : joignez-la à la demande.`;
    throw new EdgeFailure({ status: 422, code: missing, title });
  }
  try {
    return JSON.parse(text);
  } catch {
    const title = `La partie « ${name} » n’est pas du JSON : corrigez-la.`;
    throw new EdgeFailure({ status: 400, code: 'BROKEN_JSON', title });
  }
}
