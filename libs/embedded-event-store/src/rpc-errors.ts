import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { EmbeddedEventStoreError } from './errors.js';
import { reasonOf, SQLITE_CORRUPT, SQLITE_FULL, sqliteCode } from './sqlite-errors.js';

/** An answer of a call that failed: gRPC status, sentence, and the trailers by which the client recognises its error class. */
export class RpcError extends Error implements ServiceError {
  readonly metadata = new Metadata();

  constructor(
    readonly code: status,
    readonly details: string,
    trailers: Readonly<Record<string, string>> = {},
  ) {
    super(details);
    this.name = 'RpcError';
    for (const [key, value] of Object.entries(trailers)) this.metadata.set(key, headerSafe(value));
  }
}

export const streamDeleted = (stream: string): RpcError =>
  new RpcError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

/** `expected` and `actual` are -1 for no stream and -2 for any. */
export const wrongExpectedVersion = (operation: string, stream: string, expected: number, actual: number): RpcError =>
  new RpcError(
    status.FAILED_PRECONDITION,
    `${operation} failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': String(expected),
      'actual-version': String(actual),
    },
  );

export const maximumAppendSizeExceeded = (limit: number): RpcError =>
  new RpcError(status.INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  });

export const missingMetadata = (property: string): RpcError =>
  new RpcError(status.INVALID_ARGUMENT, `Required Metadata Property '${property}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

const persistentSubscription =
  (code: status, exception: string, sentence: (group: string, stream: string) => string) =>
  ({ stream, name }: { readonly stream: string; readonly name: string }): RpcError =>
    new RpcError(code, sentence(name, stream), { exception, 'stream-name': stream, 'group-name': name });

export const groupDoesNotExist = persistentSubscription(
  status.NOT_FOUND,
  'persistent-subscription-does-not-exist',
  (group, stream) => `Subscription group ${group} on stream ${stream} does not exist.`,
);

export const groupExists = persistentSubscription(
  status.ALREADY_EXISTS,
  'persistent-subscription-exists',
  (group, stream) => `Subscription group ${group} on stream ${stream} exists.`,
);

export const groupIsFull = persistentSubscription(
  status.FAILED_PRECONDITION,
  'maximum-subscribers-reached',
  (group, stream) => `Maximum subscriptions reached for subscription group ${group} on stream ${stream}.`,
);

export const subscriptionDropped = persistentSubscription(
  status.CANCELLED,
  'persistent-subscription-dropped',
  (group, stream) => `Subscription group ${group} on stream ${stream} was dropped.`,
);

/** A group cannot be made or changed as asked. */
export const groupFailed = (
  { stream, name }: { readonly stream: string; readonly name: string },
  reason: string,
): RpcError =>
  new RpcError(status.INTERNAL, `Subscription group ${name} on stream ${stream} failed: '${reason}'`, {
    exception: 'persistent-subscription-failed',
    'stream-name': stream,
    'group-name': name,
    reason,
  });

/** The caller is known and may not do this, or has not said who it is. */
export const accessDenied = (): RpcError =>
  new RpcError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

/** The caller says who it is and this is wrong; which part of it is not told. */
export const wrongCredentials = (): RpcError =>
  new RpcError(status.UNAUTHENTICATED, 'The user name or the password is wrong.');

export const invalidArgument = (sentence: string): RpcError => new RpcError(status.INVALID_ARGUMENT, sentence);

export const unknownError = (sentence: string): RpcError => new RpcError(status.UNKNOWN, sentence);

export const serverClosing = (): RpcError =>
  new RpcError(status.UNAVAILABLE, 'The event store is shutting down: connect again once it has been started.');

/** What a caller is told when the database refused: nothing of the request was stored. */
export function storageFailure(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof EmbeddedEventStoreError) return serverClosing();
  const reason = reasonOf(error);
  switch (sqliteCode(error)) {
    case SQLITE_FULL:
      return new RpcError(status.RESOURCE_EXHAUSTED, `The event store's disk is full (${reason}): nothing was stored.`);
    case SQLITE_CORRUPT:
      return new RpcError(
        status.DATA_LOSS,
        `The event store's file is damaged (${reason}): put back a copy of the data.`,
      );
  }
  return new RpcError(status.INTERNAL, `The event store failed (${reason}): nothing was stored.`);
}

/** Trailers carry printable ASCII only; what does not fit is percent-encoded. */
function headerSafe(value: string): string {
  return /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value);
}
