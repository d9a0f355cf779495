import { currentLegalProfile, dayOf, type CalendarDay } from '#libs/legal-profile';
import type { Decider } from '#libs/letter';
import type { PartyCommand, PartyCommandOf, PartyDescription } from './commands.js';
import type { PartyDetails, PartyEvent, PostalAddress } from './events.js';
import { refused } from './refusals.js';
import type { PartyRefusal, PartyRefusalCode } from './refusals.js';
import { evolve, initial } from './state.js';
import type { Consent, Party, RegisteredParty } from './state.js';

type Decision = readonly PartyEvent[] | PartyRefusal;

/**
 * Whether registered electronic letters may be sent: to a professional, or to whoever has consented (L. 100 CPCE).
 * That a third party is archived takes it out of the lists, not out of the post.
 */
export function mayReceive({
  professional,
  consent,
}: {
  readonly professional: boolean;
  readonly consent: Pick<Consent, 'status'>;
}): boolean {
  return professional || consent.status === 'given';
}

function decide(state: Party, command: PartyCommand): Decision {
  if (command.type === 'registerParty' || command.type === 'saveParty') return describe(state, command);
  if (state.status === 'unknown') return refused('UNKNOWN_PARTY');
  switch (command.type) {
    case 'giveConsent':
      return giveConsent(state, command);
    case 'withdrawConsent':
      return withdrawConsent(state, command);
    case 'archiveParty':
      return state.archived ? [] : [{ type: 'PartyArchived', data: { at: command.at } }];
    case 'reactivateParty':
      return state.archived ? [{ type: 'PartyReactivated', data: { at: command.at } }] : [];
  }
}

function describe(state: Party, command: PartyCommandOf<'registerParty' | 'saveParty'>): Decision {
  const { agencyId, code, kind, professional, details, at } = command;
  if (state.status === 'unknown') {
    return [{ type: 'PartyRegistered', data: { agencyId, code, kind, professional, at }, personal: details }];
  }
  if (isAsDescribed(state, command)) return [];
  if (command.type === 'registerParty') return refused('PARTY_ALREADY_REGISTERED');
  if (state.archived) return refused('PARTY_ARCHIVED');
  return [{ type: 'PartyChanged', data: { code, kind, professional, at }, personal: details }];
}

/** Whether a third party is already as somebody describes it, so that saving the description would change nothing. */
export function isAsDescribed(
  state: Pick<RegisteredParty, 'kind' | 'professional' | 'details'>,
  { kind, professional, details }: Pick<PartyDescription, 'kind' | 'professional' | 'details'>,
): boolean {
  if (state.details === 'erased') return false;
  return state.kind === kind && state.professional === professional && isSame(state.details, details);
}

const TEXTS = ['civility', 'name', 'secondName', 'email', 'mobile'] as const satisfies (keyof PartyDetails)[];
const ADDRESS_TEXTS = [
  'street',
  'complement',
  'postcode',
  'city',
  'country',
] as const satisfies (keyof PostalAddress)[];

function isSame(left: PartyDetails, right: PartyDetails): boolean {
  const sameAddress = ADDRESS_TEXTS.every((text) => left.address?.[text] === right.address?.[text]);
  return sameAddress && TEXTS.every((text) => left[text] === right[text]);
}

/** Days are those of the legal profile's zone, in which the agency writes them. */
const isToCome = (day: CalendarDay, at: string): boolean => day > dayOf(currentLegalProfile.zone, at);

function giveConsent(state: RegisteredParty, command: PartyCommandOf<'giveConsent'>): Decision {
  const { givenOn, how, proof, at } = command;
  const { name: proofName, ...print } = proof;
  if (state.consent.status === 'given') {
    const { consent } = state;
    const isRepeated = consent.givenOn === givenOn && consent.how === how && consent.proof.sha256 === proof.sha256;
    return isRepeated ? [] : refused('CONSENT_ALREADY_GIVEN');
  }
  if (state.archived) return refused('PARTY_ARCHIVED');
  if (isToCome(givenOn, at)) return refused('CONSENT_IN_FUTURE');
  return [{ type: 'ConsentGiven', data: { givenOn, how, proof: print, at }, personal: { proofName } }];
}

/** Never refused for being archived: who has consented may always withdraw it. */
function withdrawConsent({ consent }: RegisteredParty, command: PartyCommandOf<'withdrawConsent'>): Decision {
  const { withdrawnOn, how, at } = command;
  if (consent.status === 'withdrawn' && consent.withdrawnOn === withdrawnOn && consent.how === how) return [];
  if (consent.status !== 'given') return refused('NO_CONSENT_TO_WITHDRAW');
  if (isToCome(withdrawnOn, at)) return refused('CONSENT_IN_FUTURE');
  if (withdrawnOn < consent.givenOn) return refused('WITHDRAWN_BEFORE_GIVEN');
  return [{ type: 'ConsentWithdrawn', data: { withdrawnOn, how, at } }];
}

/** A third party (tiers): whom an agency may write to, and by which right. */
export const party: Decider<Party, PartyCommand, PartyEvent, PartyRefusalCode> = { initial, decide, evolve };
