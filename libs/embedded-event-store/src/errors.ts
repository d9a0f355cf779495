/** Why the embedded event store could not start or go on; the message is one sentence that says what to do next. */
export type EmbeddedEventStoreErrorCode =
  | 'USERS_UNUSABLE'
  | 'CERTIFICATE_UNUSABLE'
  | 'FOLDER_UNUSABLE'
  | 'FOLDER_IN_USE'
  | 'DATA_CORRUPT'
  | 'DATA_TOO_NEW'
  | 'PORT_TAKEN'
  | 'ADDRESS_UNUSABLE'
  | 'CLOSED';

/** The one error that leaves this library; `code` is for programs, `message` for people. */
export class EmbeddedEventStoreError extends Error {
  constructor(
    readonly code: EmbeddedEventStoreErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EmbeddedEventStoreError';
  }
}
