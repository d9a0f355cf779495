import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DocumentStore } from '#libs/documents';
import { EventStore, Keyring, type StoredEvent } from '#libs/event-store';
import { letter, type Letter, type LetterEvent } from '#libs/letter';
import { letterStream } from './command-letter.js';

/** A letter with everything that happened to it; `state` is the initial one and `events` empty where no such letter exists. */
export interface ReadLetter {
  readonly state: Letter;
  readonly events: readonly StoredEvent<LetterEvent>[];
}

/** Reads a letter from its events: always as new as the last command. */
export class LetterById extends Query<ReadLetter> {
  constructor(readonly letterId: string) {
    super();
  }
}

@QueryHandler(LetterById)
export class LetterByIdHandler implements IQueryHandler<LetterById> {
  constructor(private readonly store: EventStore) {}

  execute({ letterId }: LetterById): Promise<ReadLetter> {
    return this.store.fold(letter, letterStream(letterId));
  }
}

/**
 * Reads one document of a letter, decrypted and checked against its fingerprint. Whether the reader may have it is the asking
 * application's business.
 *
 * Fails with `DocumentMissing` or `DocumentAltered`.
 */
export class DocumentOfLetter extends Query<Buffer> {
  constructor(
    readonly letterId: string,
    readonly sha256: string,
  ) {
    super();
  }
}

@QueryHandler(DocumentOfLetter)
export class DocumentOfLetterHandler implements IQueryHandler<DocumentOfLetter> {
  constructor(
    private readonly documents: DocumentStore,
    private readonly keyring: Keyring,
  ) {}

  async execute({ letterId, sha256 }: DocumentOfLetter): Promise<Buffer> {
    const key = await this.keyring.get(letterStream(letterId));
    return this.documents.get(letterId, key.derive('documents'), sha256);
  }
}
