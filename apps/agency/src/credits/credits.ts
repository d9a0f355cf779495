import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { v4 as newCommandId } from 'uuid';
import { EnterKey } from '#libs/commands';
import type { CreditKey, Totals } from '#libs/credit';
import { CommandRefused, type Position } from '#libs/event-store';
import { readKey } from '#libs/keys';
import {
  CreditBalance,
  type Balance,
  type BalancePoint,
  type Movement,
  type MovementPage,
} from '#projections/credit-balance';
import type { Asker } from '../access/asker.js';
import { Settings } from '../settings.js';

/** How long a balance waits to show a command's result, in milliseconds. */
const LONGEST_WAIT_MS = 3_000;

/** A balance as the pages say it. */
export interface ShownBalance extends Balance {
  /** What remains, as people in France write numbers. */
  readonly text: string;
}

export interface ListedMovements extends MovementPage {
  /** False: the projection has not got to the position that was asked for, and the list may be older. */
  readonly upToDate: boolean;
}

/** A key that was entered, and where the account stands since. */
export interface EnteredKey {
  readonly key: CreditKey;
  readonly totals: Totals;
  readonly position: Position | null;
}

export const inFrench = (count: number): string => count.toLocaleString('fr-FR');

/** The agency's signatures, for pages and API alike. */
@Injectable()
export class Credits {
  constructor(
    private readonly credits: CreditBalance,
    private readonly commands: CommandBus,
    private readonly settings: Settings,
  ) {}

  /** At least as new as the asker's own last command, if the projection gets there in time. */
  async balance({ agency }: Asker, position: Position | null | undefined): Promise<ShownBalance> {
    await this.shows(position);
    const balance = await this.credits.of(agency.id);
    return { ...balance, text: inFrench(balance.remaining) };
  }

  async movements(
    { agency }: Asker,
    limit: number,
    before: number | undefined,
    position: Position | null | undefined,
  ): Promise<ListedMovements> {
    const upToDate = await this.shows(position);
    return { ...(await this.credits.movements(agency.id, limit, before)), upToDate };
  }

  course({ agency }: Asker): Promise<readonly BalancePoint[]> {
    return this.credits.course(agency.id);
  }

  /** The movement of a key that this agency has entered. */
  ofKey({ agency }: Asker, serial: string): Promise<Movement | undefined> {
    return this.credits.ofKey(agency.id, serial);
  }

  /** Verifies a key as it was typed and enters it. @throws CommandRefused with the code that says why not. */
  async enter({ agency, actor }: Asker, text: string): Promise<EnteredKey> {
    const key = readKey(this.settings.keysPublic, text);
    if ('refused' in key) throw new CommandRefused(key.refused);
    const commandId = newCommandId();
    const context = { commandId, correlationId: commandId, causationId: commandId, actor };
    const { state, position } = await this.commands.execute(new EnterKey(agency.id, key, context));
    return { key, totals: state, position };
  }

  private async shows(position: Position | null | undefined): Promise<boolean> {
    return position ? this.credits.atLeast(position, LONGEST_WAIT_MS) : true;
  }
}
