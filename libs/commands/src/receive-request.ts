import { createHash } from 'node:crypto';
import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EventStore, type CommandContext } from '#libs/event-store';

/** An idempotency key came before with another letter. */
export class RequestDiffers extends Error {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  constructor() {
    super('Cette clé d’idempotence a déjà servi pour une autre lettre : employez une nouvelle clé par lettre.');
  }
}

export interface RequestToReceive {
  readonly agencyId: string;
  /** As the program chose it; only its digest is stored. */
  readonly key: string;
  /** Fingerprint of everything that makes the letter: the same request again has the same one. */
  readonly digest: string;
  /** Id that the letter gets if the key is new. */
  readonly letterId: string;
}

/**
 * Claims an idempotency key for one letter of an agency. Answers the id of the letter that the key stands for: the one given, or, where
 * the key came before with the same digest, the one given then.
 *
 * Fails with `RequestDiffers`.
 */
export class ReceiveRequest extends Command<string> {
  constructor(
    readonly request: RequestToReceive,
    readonly context: CommandContext,
  ) {
    super();
  }
}

type RequestReceived = {
  readonly type: 'RequestReceived';
  readonly data: { readonly letterId: string; readonly digest: string };
};

/** The stream of an idempotency key, which is named by its digest only. */
const requestStream = (agencyId: string, key: string): string =>
  `request-${agencyId}-${createHash('sha256').update(key).digest('hex')}`;

@CommandHandler(ReceiveRequest)
export class ReceiveRequestHandler implements ICommandHandler<ReceiveRequest> {
  constructor(private readonly store: EventStore) {}

  async execute({ request: { agencyId, key, digest, letterId }, context }: ReceiveRequest): Promise<string> {
    const stream = requestStream(agencyId, key);
    const event: RequestReceived = { type: 'RequestReceived', data: { letterId, digest } };
    if (await this.store.reserve(stream, event, context)) return letterId;
    const [first] = (await this.store.load<RequestReceived>(stream)).events;
    if (first?.event.data.digest !== digest) throw new RequestDiffers();
    return first.event.data.letterId;
  }
}

/** The id of the letter that an idempotency key stands for; undefined for a key that is free. */
export class LetterOfRequest extends Query<string | undefined> {
  constructor(
    readonly agencyId: string,
    readonly key: string,
  ) {
    super();
  }
}

@QueryHandler(LetterOfRequest)
export class LetterOfRequestHandler implements IQueryHandler<LetterOfRequest> {
  constructor(private readonly store: EventStore) {}

  async execute({ agencyId, key }: LetterOfRequest): Promise<string | undefined> {
    const [first] = (await this.store.load<RequestReceived>(requestStream(agencyId, key))).events;
    return first?.event.data.letterId;
  }
}
