/** A decider refused a command. `code` is a key of the domain's table of refusals, which has the words and the status. */
export class CommandRefused extends Error {
  constructor(readonly code: string) {
    super(`The command was refused: ${code}.`);
    this.name = 'CommandRefused';
  }
}

/** Other writers kept changing the stream while a command was decided. Nothing was written; the command may be repeated. */
export class ConcurrencyExhausted extends Error {
  readonly code = 'CONCURRENCY_EXHAUSTED';
  constructor(
    readonly stream: string,
    attempts: number,
  ) {
    super(`${stream} changed under each of ${attempts} attempts to write to it; send the same command again.`);
    this.name = 'ConcurrencyExhausted';
  }
}

/**
 * The event store does not answer. An append may or may not have been written: repeat the command with the same
 * `commandId`, which writes it once in either case.
 */
export class EventStoreUnavailable extends Error {
  readonly code = 'EVENT_STORE_UNAVAILABLE';
  constructor(cause: unknown) {
    super('The event store does not answer; see that it runs, then send the same command again.', { cause });
    this.name = 'EventStoreUnavailable';
  }
}

/** The store holds an event whose type no catalogue of this version has. */
export class EventTypeUnknown extends Error {
  readonly code = 'EVENT_TYPE_UNKNOWN';
  constructor(
    readonly type: string,
    where: string,
  ) {
    super(`This version does not know the event type ${type} (${where}); run a version whose catalogue has it.`);
    this.name = 'EventTypeUnknown';
  }
}

/** The store holds an event that a newer version wrote in a shape which this version cannot read. */
export class EventSchemaTooNew extends Error {
  readonly code = 'EVENT_SCHEMA_TOO_NEW';
  constructor(
    readonly type: string,
    readonly schema: number,
    known: number,
    where: string,
  ) {
    super(
      `${type} has schema ${schema} (${where}) and this version reads it up to schema ${known}; run the newer version that wrote it.`,
    );
    this.name = 'EventSchemaTooNew';
  }
}

/** A catalogue has no step from an older schema on, or two catalogues claim the same event type. Found when connecting. */
export class CatalogueInvalid extends Error {
  readonly code = 'CATALOGUE_INVALID';
  constructor(message: string) {
    super(message);
    this.name = 'CatalogueInvalid';
  }
}

/** An event of one of our streams is not in our envelope: something else wrote it. */
export class EnvelopeInvalid extends Error {
  readonly code = 'ENVELOPE_INVALID';
  constructor(where: string, what: string) {
    super(`${where} is not an event of this product (${what}); find out what else writes to that stream.`);
    this.name = 'EnvelopeInvalid';
  }
}

/** What a decider answered cannot be stored as canonical JSON (RFC 8785): a lone surrogate, NaN, a bigint. */
export class EventNotSerialisable extends Error {
  readonly code = 'EVENT_NOT_SERIALISABLE';
  constructor(type: string, cause: unknown) {
    super(`${type} cannot be written as JSON; check the text and numbers of the command before it is decided.`, {
      cause,
    });
    this.name = 'EventNotSerialisable';
  }
}

/** A stream has events but its key is not in the key ring. */
export class StreamKeyMissing extends Error {
  readonly code = 'STREAM_KEY_MISSING';
  constructor(readonly stream: string) {
    super(`The key of ${stream} is missing; restore the key ring of the same moment as the event store.`);
    this.name = 'StreamKeyMissing';
  }
}

/** The master key does not open a wrapped key (RFC 3394 §2.2.3 integrity check). */
export class MasterKeyMismatch extends Error {
  readonly code = 'MASTER_KEY_MISMATCH';
  constructor(stream: string) {
    super(`PLI_MASTER_KEY does not open the key of ${stream}; set the master key that this data was made with.`);
    this.name = 'MasterKeyMismatch';
  }
}

/** A personal part was altered, belongs to another stream, or is not under the stream's key. */
export class PersonalPartUnreadable extends Error {
  readonly code = 'PERSONAL_PART_UNREADABLE';
  constructor(stream: string, cause?: unknown) {
    super(`A personal part in ${stream} does not open under that stream's key; compare the store with its backup.`, {
      cause,
    });
    this.name = 'PersonalPartUnreadable';
  }
}
