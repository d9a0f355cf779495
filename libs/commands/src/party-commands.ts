import { createHash } from 'node:crypto';
import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '#libs/configuration';
import { mayReceive, party, type ConsentMeans, type Party, type PartyCommand, type PartyEvent } from '#libs/directory';
import { DocumentStore, inspectProof } from '#libs/documents';
import {
  CommandRefused,
  EventStore,
  Keyring,
  type CommandContext,
  type Executed,
  type StoredEvent,
} from '#libs/event-store';
import { isRefusal } from '#libs/letter';

export type PartyOutcome = Executed<Party, PartyEvent>;

/** The stream of a third party. Its code is the agency's own number for it and tells nothing personal. */
export const partyStream = (agencyId: string, code: string): string => `party-${agencyId}-${code.normalize('NFC')}`;

/** Where the proofs of a third party lie in the document store; hashed, since a code may hold letters that a scope cannot. */
const proofScope = (stream: string): string => `party-${createHash('sha256').update(stream).digest('hex')}`;

type Timeless = PartyCommand extends infer Each ? (Each extends PartyCommand ? Omit<Each, 'at'> : never) : never;

/**
 * Any command of a third party but a consent, whose proof has to be stored first.
 *
 * Refused with the third party's own codes (`CommandRefused`).
 */
export class CommandParty extends Command<PartyOutcome> {
  constructor(
    readonly agencyId: string,
    readonly code: string,
    readonly command: Exclude<Timeless, { type: 'giveConsent' }>,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(CommandParty)
export class CommandPartyHandler implements ICommandHandler<CommandParty> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  execute({ agencyId, code, command, context }: CommandParty): Promise<PartyOutcome> {
    const timed = { ...command, at: this.clock.now() } as PartyCommand;
    return this.store.execute(party, partyStream(agencyId, code), timed, context);
  }
}

/** A consent as an agency records it; `givenOn` is a calendar day (`2026-03-14`). */
export interface ConsentToGive {
  readonly givenOn: string;
  readonly how: ConsentMeans;
  readonly proof: { readonly name: string; readonly bytes: Buffer };
}

/**
 * Records a consent: its proof is checked and stored under the key of the third party, then `ConsentGiven` appended. What the
 * domain refuses is refused before anything is stored.
 *
 * Fails with `ProofRefused` for the file, `CommandRefused` for the consent.
 */
export class GiveConsent extends Command<PartyOutcome> {
  constructor(
    readonly agencyId: string,
    readonly code: string,
    readonly consent: ConsentToGive,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(GiveConsent)
export class GiveConsentHandler implements ICommandHandler<GiveConsent> {
  constructor(
    private readonly store: EventStore,
    private readonly keyring: Keyring,
    private readonly documents: DocumentStore,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, code, consent, context }: GiveConsent): Promise<PartyOutcome> {
    const stream = partyStream(agencyId, code);
    const { givenOn, how } = consent;
    const { name, bytes } = consent.proof;
    const type = await inspectProof(bytes);
    const proof = { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, type, name };
    const command = { type: 'giveConsent', givenOn, how, proof, at: this.clock.now() } as const;
    const forecast = party.decide((await this.store.fold(party, stream)).state, command);
    if (isRefusal(forecast)) throw new CommandRefused(forecast.refused);

    const key = (await this.keyring.get(stream)).derive('documents');
    await this.documents.put(proofScope(stream), key, bytes);
    return this.store.execute(party, stream, command, context);
  }
}

/** A third party with everything that happened to it; `state` is the initial one where the agency has none of that code. */
export interface ReadParty {
  readonly state: Party;
  readonly events: readonly StoredEvent<PartyEvent>[];
}

/** Reads a third party from its events: always as new as the last command. */
export class PartyByCode extends Query<ReadParty> {
  constructor(
    readonly agencyId: string,
    readonly code: string,
  ) {
    super();
  }
}

@QueryHandler(PartyByCode)
export class PartyByCodeHandler implements IQueryHandler<PartyByCode> {
  constructor(private readonly store: EventStore) {}

  execute({ agencyId, code }: PartyByCode): Promise<ReadParty> {
    return this.store.fold(party, partyStream(agencyId, code));
  }
}

/**
 * Reads the file of a consent, decrypted and checked against its fingerprint. That it is one of the third party's is the asking
 * application's business.
 *
 * Fails with `DocumentMissing` or `DocumentAltered`.
 */
export class ProofOfParty extends Query<Buffer> {
  constructor(
    readonly agencyId: string,
    readonly code: string,
    readonly sha256: string,
  ) {
    super();
  }
}

@QueryHandler(ProofOfParty)
export class ProofOfPartyHandler implements IQueryHandler<ProofOfParty> {
  constructor(
    private readonly documents: DocumentStore,
    private readonly keyring: Keyring,
  ) {}

  async execute({ agencyId, code, sha256 }: ProofOfParty): Promise<Buffer> {
    const stream = partyStream(agencyId, code);
    const key = await this.keyring.get(stream);
    return this.documents.get(proofScope(stream), key.derive('documents'), sha256);
  }
}

/**
 * Refuses a letter to a third party of the directory who is neither a professional nor has consented (L. 100 CPCE). Of a code that
 * is not in the directory nothing is known: the agency vouches for that recipient's consent itself.
 *
 * @throws CommandRefused CONSENT_MISSING
 */
export function mustReceive(addressee: Party): void {
  if (addressee.status === 'registered' && !mayReceive(addressee)) throw new CommandRefused('CONSENT_MISSING');
}
