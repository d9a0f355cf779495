import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v4 as newCommandId } from 'uuid';
import {
  CommandParty,
  GiveConsent,
  PartyByCode,
  partyStream,
  ProofOfParty,
  type ConsentToGive,
  type PartyOutcome,
} from '#libs/commands';
import type { ConsentProof, PartyDescription, PartyEvent, RegisteredParty } from '#libs/directory';
import type { CommandContext, Position, StoredEvent } from '#libs/event-store';
import { EdgeFailure, notFound } from '#libs/web';
import { ThirdParties, type PartyPage } from '#projections/third-parties';
import { AccessRecord } from '../access/access-record.js';
import type { Asker } from '../access/asker.js';
import { partyCodeOf, type DirectoryInput, type WithdrawalInput } from './party-input.js';

/** How long a list waits to show a command's result, in milliseconds. */
const LONGEST_WAIT_MS = 3_000;

export interface OwnParty {
  readonly state: RegisteredParty;
  readonly events: readonly StoredEvent<PartyEvent>[];
}

export interface ListedParties extends PartyPage {
  /** False: the projection has not got to the position that was asked for, and the list may be older. */
  readonly upToDate: boolean;
}

/** The third parties of an agency, for pages and API alike; what belongs to another agency does not exist for the asker. */
@Injectable()
export class Directory {
  constructor(
    private readonly parties: ThirdParties,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly record: AccessRecord,
  ) {}

  /** At least as new as `position`. @throws PartyCursorInvalid */
  async list({ agency }: Asker, input: DirectoryInput, position: Position | null | undefined): Promise<ListedParties> {
    const upToDate = position ? await this.parties.atLeast(position, LONGEST_WAIT_MS) : true;
    const { search, kind, receives, archived, after, limit } = input;
    const mayReceive = receives && receives === 'yes';
    const query = { agencyId: agency.id, search, kind, mayReceive, archived: archived === 'yes', after, limit };
    return { ...(await this.parties.list(query)), upToDate };
  }

  /** @throws EdgeFailure 404. */
  async find({ agency }: Asker, code: string): Promise<OwnParty> {
    const known = partyCodeOf(code);
    if (known === undefined) throw notFound();
    const { state, events } = await this.queries.execute(new PartyByCode(agency.id, known));
    if (state.status === 'unknown') throw notFound();
    return { state, events };
  }

  /** A new third party. @throws CommandRefused PARTY_ALREADY_REGISTERED */
  register(asker: Asker, description: PartyDescription): Promise<PartyOutcome> {
    const command = { type: 'registerParty', ...description } as const;
    return this.commands.execute(new CommandParty(asker.agency.id, description.code, command, contextOf(asker)));
  }

  /** @param commandId the same when the same request comes again. @throws CommandRefused */
  save(asker: Asker, description: PartyDescription, commandId = newCommandId()): Promise<PartyOutcome> {
    const command = { type: 'saveParty', ...description } as const;
    const context = contextOf(asker, commandId);
    return this.commands.execute(new CommandParty(asker.agency.id, description.code, command, context));
  }

  /** @throws EdgeFailure 404, ProofRefused, CommandRefused */
  async giveConsent(asker: Asker, code: string, consent: ConsentToGive): Promise<PartyOutcome> {
    const { state } = await this.find(asker, code);
    return this.commands.execute(new GiveConsent(asker.agency.id, state.code, consent, contextOf(asker)));
  }

  /** @throws EdgeFailure 404, CommandRefused */
  withdrawConsent(asker: Asker, code: string, { withdrawnOn, how }: WithdrawalInput): Promise<PartyOutcome> {
    return this.command(asker, code, { type: 'withdrawConsent', withdrawnOn, how });
  }

  /** @throws EdgeFailure 404 */
  archive(asker: Asker, code: string, archived: boolean): Promise<PartyOutcome> {
    return this.command(asker, code, { type: archived ? 'archiveParty' : 'reactivateParty' });
  }

  /** @throws EdgeFailure 404, DocumentMissing, DocumentAltered. */
  async proof(asker: Asker, code: string, sha256: string): Promise<ConsentProof & { readonly bytes: Buffer }> {
    const { state } = await this.find(asker, code);
    const proof = state.proofs.find((kept) => kept.sha256 === sha256);
    if (!proof) throw notFound();
    const bytes = await this.queries.execute(new ProofOfParty(asker.agency.id, state.code, sha256));
    await this.record.documentRead(asker, partyStream(asker.agency.id, state.code), sha256);
    return { ...proof, bytes };
  }

  private async command(asker: Asker, code: string, command: CommandParty['command']): Promise<PartyOutcome> {
    const { state } = await this.find(asker, code);
    return this.commands.execute(new CommandParty(asker.agency.id, state.code, command, contextOf(asker)));
  }
}

const contextOf = ({ actor }: Asker, commandId = newCommandId()): CommandContext => ({
  commandId,
  correlationId: commandId,
  causationId: commandId,
  actor,
});

/** @throws EdgeFailure 403 for a reader. */
export function mustBeAllowedToEdit({ maySend }: Asker): void {
  if (maySend) return;
  throw new EdgeFailure({
    status: 403,
    code: 'READ_ONLY',
    title:
      'Votre compte permet seulement la consultation : demandez à un gestionnaire de votre agence de modifier les tiers.',
  });
}
