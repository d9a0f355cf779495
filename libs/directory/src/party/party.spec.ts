import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { CatalogueEntry, EventBody } from '#libs/letter';
import { isRefusal } from '#libs/letter';
import type { PartyCommand, PartyCommandOf } from './commands.js';
import { mayReceive, party } from './decide.js';
import type { PartyEvent, PartyEventType } from './events.js';
import { partyCatalogue } from './events.js';
import { addressLines, fullName, partyTimeline } from './labels.js';
import { partyRefusals } from './refusals.js';
import { BrokenPartyHistory, type Party } from './state.js';

/** A quarter past midnight of 6 January in Paris. */
const at = '2026-01-05T23:15:00.000Z';
const today = '2026-01-06';
const details = {
  civility: 'M. et Mme',
  name: 'CHARPENTIER Jean Luc',
  secondName: 'CHARPENTIER Marie',
  email: 'jl.charpentier@exemple.example',
  mobile: '+33612345678',
  address: { street: '1 rue de la Tour', postcode: '57000', city: 'Metz' },
};
const description = { agencyId: 'agency-1', code: '40017', kind: 'tenant', professional: false, details } as const;
const registerParty = { type: 'registerParty', ...description, at } as const;
const saveParty = { type: 'saveParty', ...description, at } as const;
const proof = { sha256: 'a'.repeat(64), size: 1_000, type: 'application/pdf' } as const;
const giveConsent: PartyCommandOf<'giveConsent'> = {
  type: 'giveConsent',
  givenOn: '2026-01-04',
  how: 'contract',
  proof: { ...proof, name: 'Accord.pdf' },
  at,
};
const withdrawConsent: PartyCommandOf<'withdrawConsent'> = {
  type: 'withdrawConsent',
  withdrawnOn: '2026-01-05',
  how: 'email',
  at,
};

const registered: PartyEvent = {
  type: 'PartyRegistered',
  data: { agencyId: 'agency-1', code: '40017', kind: 'tenant', professional: false, at },
  personal: details,
};
const given: PartyEvent = {
  type: 'ConsentGiven',
  data: { givenOn: '2026-01-04', how: 'contract', proof, at },
  personal: { proofName: 'Accord.pdf' },
};
const withdrawn: PartyEvent = { type: 'ConsentWithdrawn', data: { withdrawnOn: '2026-01-05', how: 'email', at } };
const archived: PartyEvent = { type: 'PartyArchived', data: { at } };
const reactivated: PartyEvent = { type: 'PartyReactivated', data: { at } };

const stateAfter = (history: readonly PartyEvent[]): Party =>
  history.reduce((state: Party, event) => party.evolve(state, event), party.initial);

/** Given a history, when a command comes, then what is decided. */
const deciding = (history: readonly PartyEvent[], command: PartyCommand): unknown =>
  party.decide(stateAfter(history), command);

describe('a third party', () => {
  it('is registered once; under its code there is no other one', () => {
    expect(deciding([], registerParty)).toEqual([registered]);
    expect(deciding([registered], registerParty)).toEqual([]);
    expect(deciding([registered], { ...registerParty, kind: 'owner' })).toEqual({
      refused: 'PARTY_ALREADY_REGISTERED',
    });
  });

  it('is saved as it is described, known or not', () => {
    expect(deciding([], saveParty)).toEqual([registered]);
    expect(deciding([registered], saveParty)).toEqual([]);
    const { address: _address, ...withoutAddress } = details;
    expect(deciding([registered], { ...saveParty, details: withoutAddress, professional: true })).toEqual([
      {
        type: 'PartyChanged',
        data: { code: '40017', kind: 'tenant', professional: true, at },
        personal: withoutAddress,
      },
    ]);
  });

  it.each(['civility', 'name', 'secondName', 'email', 'mobile'] as const)('has changed when its %s has', (field) => {
    expect(deciding([registered], { ...saveParty, details: { ...details, [field]: 'x' } })).toMatchObject([
      { type: 'PartyChanged', personal: { [field]: 'x' } },
    ]);
  });

  it.each(['street', 'complement', 'postcode', 'city', 'country'])('has changed when the %s has', (field) => {
    const address = { ...details.address, [field]: 'x' };
    expect(deciding([registered], { ...saveParty, details: { ...details, address } })).toMatchObject([
      { type: 'PartyChanged', personal: { address } },
    ]);
  });

  it.each([giveConsent, withdrawConsent, { type: 'archiveParty', at }, { type: 'reactivateParty', at }] as const)(
    'must exist before anything else: %p',
    (command) => {
      expect(deciding([], command)).toEqual({ refused: 'UNKNOWN_PARTY' });
    },
  );

  it('is archived, then not described anew until it is reactivated', () => {
    expect(deciding([registered], { type: 'archiveParty', at })).toEqual([archived]);
    expect(deciding([registered, archived], { type: 'archiveParty', at })).toEqual([]);
    expect(deciding([registered, archived], { ...saveParty, kind: 'owner' })).toEqual({ refused: 'PARTY_ARCHIVED' });
    expect(deciding([registered, archived], giveConsent)).toEqual({ refused: 'PARTY_ARCHIVED' });
    expect(deciding([registered, archived], saveParty)).toEqual([]);
    expect(deciding([registered, archived], { type: 'reactivateParty', at })).toEqual([reactivated]);
    expect(deciding([registered], { type: 'reactivateParty', at })).toEqual([]);
  });
});

describe('its consent', () => {
  it('is given with a day, a means and a proof', () => {
    expect(deciding([registered], giveConsent)).toEqual([given]);
  });

  it('is given once, until it is withdrawn', () => {
    expect(deciding([registered, given], giveConsent)).toEqual([]);
    for (const other of [
      { ...giveConsent, givenOn: '2026-01-03' },
      { ...giveConsent, how: 'email' as const },
      { ...giveConsent, proof: { ...giveConsent.proof, sha256: 'b'.repeat(64) } },
    ]) {
      expect(deciding([registered, given], other)).toEqual({ refused: 'CONSENT_ALREADY_GIVEN' });
    }
    expect(deciding([registered, given, withdrawn], giveConsent)).toEqual([given]);
  });

  it('is given today at the latest, by the calendar of Paris', () => {
    expect(deciding([registered], { ...giveConsent, givenOn: today })).toMatchObject([{ type: 'ConsentGiven' }]);
    expect(deciding([registered], { ...giveConsent, givenOn: '2026-01-07' })).toEqual({ refused: 'CONSENT_IN_FUTURE' });
  });

  it('is withdrawn once, between its day and today, archived or not', () => {
    expect(deciding([registered, given], withdrawConsent)).toEqual([withdrawn]);
    expect(deciding([registered, given, archived], withdrawConsent)).toEqual([withdrawn]);
    expect(deciding([registered, given, withdrawn], withdrawConsent)).toEqual([]);
    expect(deciding([registered, given, withdrawn], { ...withdrawConsent, how: 'letter' })).toEqual({
      refused: 'NO_CONSENT_TO_WITHDRAW',
    });
    expect(deciding([registered], withdrawConsent)).toEqual({ refused: 'NO_CONSENT_TO_WITHDRAW' });
    expect(deciding([registered, given], { ...withdrawConsent, withdrawnOn: '2026-01-07' })).toEqual({
      refused: 'CONSENT_IN_FUTURE',
    });
    expect(deciding([registered, given], { ...withdrawConsent, withdrawnOn: '2026-01-03' })).toEqual({
      refused: 'WITHDRAWN_BEFORE_GIVEN',
    });
  });

  it('keeps the proof of what was sent before it was withdrawn', () => {
    expect(stateAfter([registered, given, withdrawn])).toMatchObject({
      consent: { status: 'withdrawn', withdrawnOn: '2026-01-05', given: { givenOn: '2026-01-04' } },
      proofs: [{ sha256: proof.sha256, name: 'Accord.pdf' }],
    });
  });
});

describe('who may receive registered electronic letters', () => {
  const may = (...history: readonly PartyEvent[]): boolean => {
    const state = stateAfter(history);
    return state.status === 'registered' && mayReceive(state);
  };
  const professional: PartyEvent = {
    type: 'PartyChanged',
    data: { code: '40017', kind: 'tenant', professional: true, at },
    personal: details,
  };

  it('is who has consented, and a professional', () => {
    expect(may(registered)).toBe(false);
    expect(may(registered, given)).toBe(true);
    expect(may(registered, given, withdrawn)).toBe(false);
    expect(may(registered, given, withdrawn, given)).toBe(true);
    expect(may(registered, professional)).toBe(true);
    expect(may(registered, given, archived)).toBe(true);
  });
});

describe('any course of commands', () => {
  const day = fc.constantFrom('2026-01-03', '2026-01-04', '2026-01-05', today, '2026-01-07');
  const how = fc.constantFrom('letter', 'email') satisfies fc.Arbitrary<string>;
  const command: fc.Arbitrary<PartyCommand> = fc.oneof(
    fc
      .record({
        type: fc.constantFrom('registerParty', 'saveParty'),
        kind: fc.constantFrom('tenant', 'owner'),
        professional: fc.boolean(),
        email: fc.constantFrom('a@exemple.example', 'b@exemple.example'),
      })
      .map(({ email, ...rest }): PartyCommand => ({ ...registerParty, ...rest, details: { ...details, email } })),
    fc.record({ givenOn: day, how }).map((said): PartyCommand => ({ ...giveConsent, ...said })),
    fc.record({ withdrawnOn: day, how }).map((said): PartyCommand => ({ ...withdrawConsent, ...said })),
    fc.constantFrom('archiveParty', 'reactivateParty').map((type): PartyCommand => ({ type, at })),
  );
  const commands = fc.array(command, { maxLength: 25 });

  /** Carries the commands out; what is refused leaves nothing. */
  function played(course: readonly PartyCommand[]): PartyEvent[] {
    const events: PartyEvent[] = [];
    for (const next of course) {
      const decision = party.decide(stateAfter(events), next);
      if (!isRefusal(decision)) events.push(...decision);
    }
    return events;
  }

  it('makes a history that folds, in which each command repeated at once changes nothing', () => {
    fc.assert(
      fc.property(commands, (course) => {
        const events: PartyEvent[] = [];
        for (const next of course) {
          const decision = party.decide(stateAfter(events), next);
          if (isRefusal(decision)) continue;
          events.push(...decision);
          expect(party.decide(stateAfter(events), next)).toEqual([]);
        }
      }),
    );
  });

  it('lets a non-professional receive exactly while his last word was yes, and tells it in a line per event', () => {
    fc.assert(
      fc.property(commands, (course) => {
        const events = played(course);
        const state = stateAfter(events);
        if (state.status === 'unknown') return;
        const lastWord = events.findLast(({ type }) => type === 'ConsentGiven' || type === 'ConsentWithdrawn');
        expect(mayReceive(state)).toBe(state.professional || lastWord?.type === 'ConsentGiven');
        expect(partyTimeline(events)).toHaveLength(events.length);
        expect(state.proofs).toHaveLength(events.filter(({ type }) => type === 'ConsentGiven').length);
      }),
    );
  });
});

describe('what people read', () => {
  it('is a name for a couple, an address as on an envelope', () => {
    expect(fullName(details)).toBe('CHARPENTIER Jean Luc et CHARPENTIER Marie');
    expect(fullName({ name: 'ROSE Armance' })).toBe('ROSE Armance');
    expect(addressLines({ ...details.address, complement: 'Bâtiment B', country: 'Luxembourg' })).toEqual([
      'Bâtiment B',
      '1 rue de la Tour',
      '57000 Metz',
      'Luxembourg',
    ]);
  });

  it('is a line for each event, a change with what was and what is', () => {
    const { mobile: _mobile, ...changed } = { ...details, email: 'marie@exemple.example' };
    const change: PartyEvent = {
      type: 'PartyChanged',
      data: { code: '40017', kind: 'owner', professional: false, at },
      personal: changed,
    };
    expect(partyTimeline([registered, change, given, withdrawn, archived, reactivated])).toEqual([
      'Fiche créée',
      'Fiche modifiée : qualité « locataire » devient « propriétaire » ; adresse e-mail « jl.charpentier@exemple.example » devient « marie@exemple.example » ; mobile « +33612345678 » devient « vide »',
      'Accord donné le 04/01/2026 (clause du bail ou du mandat)',
      'Accord retiré le 05/01/2026 (E-mail)',
      'Tiers archivé',
      'Tiers réactivé',
    ]);
  });
});

describe('its history', () => {
  it('forgets the person, not the consent, once the key is destroyed', () => {
    const erased = [registered, given].map(({ type, data }) => ({ type, data }) as PartyEvent);
    expect(stateAfter(erased)).toMatchObject({
      details: 'erased',
      consent: { status: 'given', proof: { sha256: proof.sha256, name: null } },
    });
    expect(partyTimeline(erased)).toEqual(['Fiche créée', 'Accord donné le 04/01/2026 (clause du bail ou du mandat)']);
  });

  it.each([
    ['a change of nobody', [given]],
    ['a second registration', [registered, registered]],
    ['a second consent', [registered, given, given]],
    ['a withdrawal of nothing', [registered, withdrawn]],
    ['an event of somebody else', [registered, { type: 'Franked', data: {} } as unknown as PartyEvent]],
  ] as [string, PartyEvent[]][])('is not folded with %s', (_name, history) => {
    expect(() => stateAfter(history)).toThrow(BrokenPartyHistory);
  });

  const changed: PartyEvent = {
    type: 'PartyChanged',
    data: { code: '40017', kind: 'owner', professional: true, at },
    personal: { name: 'SCI', email: 'sci@exemple.example' },
  };
  const lives: Readonly<Record<PartyEventType, readonly PartyEvent[]>> = {
    PartyRegistered: [registered],
    PartyChanged: [registered, changed],
    ConsentGiven: [registered, given],
    ConsentWithdrawn: [registered, given, withdrawn],
    PartyArchived: [registered, archived],
    PartyReactivated: [registered, archived, reactivated],
  };
  const released = (Object.keys(partyCatalogue) as PartyEventType[]).flatMap((type) =>
    Array.from({ length: partyCatalogue[type].schema }, (_, index) => [type, index + 1] as const),
  );

  it.each(released)('reads %s as it was stored under schema %i', (type, version) => {
    const url = new URL(`./fixtures/${type}.${version}.json`, import.meta.url);
    const { schema, ...stored } = JSON.parse(readFileSync(url, 'utf8')) as { type: string; schema: number } & EventBody;
    expect([stored.type, schema]).toEqual([type, version]);
    const { schema: current, upcast }: CatalogueEntry = partyCatalogue[type];
    let body: EventBody = stored;
    for (let from = version; from < current; from += 1) body = upcast[from]?.(body) ?? body;
    const read = { ...body, type } as unknown as PartyEvent;
    const decided = lives[type].at(-1);
    // Whoever changes the fields of an event gives it a new schema.
    expect(Object.keys(read.data).toSorted()).toEqual(Object.keys(decided?.data ?? {}).toSorted());
    expect(Object.keys(read.personal ?? {})).toEqual(expect.arrayContaining(Object.keys(decided?.personal ?? {})));
    expect(stateAfter([...lives[type].slice(0, -1), read])).toMatchObject({ status: 'registered' });
  });
});

describe('each refusal', () => {
  it.each(Object.entries(partyRefusals))(
    '%s says what to do in a French sentence, and to programs a 4xx',
    (_code, meaning) => {
      expect(meaning.sentence).toMatch(/^\p{Lu}.+ : .+\.$/u);
      expect(meaning.status).toBeGreaterThanOrEqual(400);
      expect(meaning.status).toBeLessThan(500);
    },
  );
});
