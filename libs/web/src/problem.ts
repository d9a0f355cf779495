/** A failure as programs read it (RFC 9457); `title` is the French sentence that people read. */
export interface Problem {
  status: number;
  /** Stable name of the failure, for programs. */
  code: string;
  title: string;
  /** One entry per field of the input that is wrong. */
  errors?: readonly FieldFault[];
  /** Seconds after which the request may be sent again, for the header `Retry-After` (RFC 9110 §10.2.3). */
  retryAfter?: number;
}

export interface FieldFault {
  /** Path of the field in the input, such as `recipient.email`. */
  field: string;
  message: string;
}

/** Thrown by an edge: carries the whole problem. */
export class EdgeFailure extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

/** The input does not have the shape or the values that the edge declares. */
export class InvalidInput extends EdgeFailure {
  constructor(readonly faults: readonly FieldFault[]) {
    super({
      status: 422,
      code: 'INVALID_INPUT',
      title: 'La demande contient des erreurs : corrigez les champs signalés, puis recommencez.',
      errors: faults,
    });
  }
}

/** Same answer for what does not exist and for what belongs to somebody else. */
export const notFound = (): EdgeFailure =>
  new EdgeFailure({
    status: 404,
    code: 'NOT_FOUND',
    title: 'Cette page ou ce document n’existe pas : vérifiez l’adresse.',
  });

/** The body of an `application/problem+json` answer. */
export const problemBody = ({ code, retryAfter: _header, ...problem }: Problem): object => ({
  type: `urn:pli:problem:${code}`,
  code,
  ...problem,
});
