import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { v7 as newJobId } from 'uuid';
import { PartyByCode } from '#libs/commands';
import { addressLines, type PostalAddress } from '#libs/directory';
import { CommandRefused } from '#libs/event-store';
import type { Asker } from '../access/asker.js';
import { LetterActions } from '../letters/letter-actions.js';
import { OwnLetters, type ExistingLetter } from '../letters/own-letters.js';

/** Asks for a letter on paper: to the address that is given, or else to that of the third party in the directory. */
@Injectable()
export class PaperRequests {
  constructor(
    private readonly letters: OwnLetters,
    private readonly actions: LetterActions,
    private readonly queries: QueryBus,
  ) {}

  /** The postal address that the directory knows of the letter's recipient now. */
  async knownAddress(asker: Asker, { terms }: ExistingLetter): Promise<PostalAddress | undefined> {
    const { state } = await this.queries.execute(new PartyByCode(asker.agency.id, terms.partyCode));
    return state.status === 'registered' && state.details !== 'erased' ? state.details.address : undefined;
  }

  /**
   * @returns the id of the print job
   * @throws EdgeFailure 404
   * @throws CommandRefused, `PRINT_ADDRESS_MISSING` when there is no address
   */
  async request(asker: Asker, id: string, given?: PostalAddress): Promise<string> {
    const { letterId, state } = await this.letters.find(asker, id);
    const address = given ?? (await this.knownAddress(asker, state));
    if (!address || state.parties === 'erased') throw new CommandRefused('PRINT_ADDRESS_MISSING');
    const { civility, name } = state.parties.recipient;
    const lines = [[civility, name].filter(Boolean).join(' '), ...addressLines(address)];
    const job = newJobId();
    await this.actions.act(asker, letterId, { type: 'requestPrint', by: 'sender', job, address: lines.join('\n') });
    return job;
  }
}
