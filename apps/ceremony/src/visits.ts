import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { isLink, LetterById, letterStream, linkHash, linkToken } from '#libs/commands';
import { Keyring } from '#libs/event-store';
import type { Letter } from '#libs/letter';
import { Attempts, TooManyAttempts } from '#libs/web';
import { BrowserSessions } from './browser-sessions.js';
import { LINKS_OF_LETTER, LINKS_OF_NETWORK } from './limits.js';
import { linkNotValid, tooManyLinks } from './link-failure.js';

/** A letter that a link can lead to. */
export type LinkedLetter = Exclude<Letter, { status: 'unknown' | 'deposit-failed' }>;

/** A browser that has opened the letter's link, and the letter as it stands now. */
export interface Visit {
  readonly letterId: string;
  readonly session: string;
  readonly state: LinkedLetter;
}

/** What a browser brings along: the letter of the address, its cookie for it, and where it calls from. */
export interface Visitor {
  readonly letterId: string;
  readonly cookie: unknown;
  /** As `networkOf` has it. */
  readonly network: string;
}

const LETTER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Tells who may look at a letter: a browser that opened its link. */
@Injectable()
export class Visits {
  constructor(
    private readonly queries: QueryBus,
    private readonly keyring: Keyring,
    private readonly sessions: BrowserSessions,
    private readonly attempts: Attempts,
  ) {}

  /**
   * Checks the token of a link; writes nothing, for mail scanners open links too.
   *
   * @returns the cookie to set, or undefined when the browser has a good one already: two tabs are one session.
   * @throws LinkFailure
   */
  async enter({ letterId, cookie, network }: Visitor, token: string): Promise<string | undefined> {
    if (!LETTER_ID.test(letterId)) throw linkNotValid();
    await this.mustHaveTries(letterId, network);
    const state = await this.letter(letterId);
    if (!state || !isLink(token, await this.hashOf(letterId, state))) {
      await Promise.all([
        this.attempts.count(LINKS_OF_LETTER, `${letterId} ${network}`),
        this.attempts.count(LINKS_OF_NETWORK, network),
      ]);
      throw linkNotValid();
    }
    const known = this.sessions.read(cookie, letterId, noticeOf(state));
    return known === undefined ? this.sessions.open(letterId, noticeOf(state)) : undefined;
  }

  /** @throws LinkFailure when this browser has not opened the letter's current link. */
  async of({ letterId, cookie }: Visitor): Promise<Visit> {
    const state = LETTER_ID.test(letterId) ? await this.letter(letterId) : undefined;
    const session = state && this.sessions.read(cookie, letterId, noticeOf(state));
    if (!state || session === undefined) throw linkNotValid();
    return { letterId, session, state };
  }

  /**
   * This only keeps the noise down; what protects a letter is that a token has 256 bits. So nobody is kept from the good link of his own
   * letter for long by somebody else behind the same address.
   */
  private async mustHaveTries(letterId: string, network: string): Promise<void> {
    try {
      await this.attempts.mustBeLeft(LINKS_OF_LETTER, `${letterId} ${network}`);
      await this.attempts.mustBeLeft(LINKS_OF_NETWORK, network);
    } catch (error) {
      throw error instanceof TooManyAttempts ? tooManyLinks(error.seconds) : error;
    }
  }

  private async letter(letterId: string): Promise<LinkedLetter | undefined> {
    const { state } = await this.queries.execute(new LetterById(letterId));
    return state.status === 'unknown' || state.status === 'deposit-failed' ? undefined : state;
  }

  /** The mail may be quicker than the record of it (`Notified`): until then the digest comes from where the token came from. */
  private async hashOf(letterId: string, state: LinkedLetter): Promise<string> {
    if ('linkHash' in state) return state.linkHash;
    return linkHash(linkToken(await this.keyring.get(letterStream(letterId)), noticeOf(state)));
  }
}

/** The notice whose link is good now: the last one sent, or the one about to be sent. */
const noticeOf = (state: LinkedLetter): number => ('notice' in state ? state.notice : 1);
