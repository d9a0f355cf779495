import { readFileSync } from 'node:fs';
import type { CatalogueEntry, EventBody } from '#libs/letter';
import type { AgencyCommand, AgencyCommandOf } from './commands.js';
import { agency } from './decide.js';
import type { AgencyEvent, AgencyEventType } from './events.js';
import { catalogue } from './events.js';
import { refusals } from './refusals.js';
import { BrokenAgencyHistory } from './state.js';
import type { Agency } from './state.js';

const at = '2026-01-05T08:00:00.000Z';
const later = '2026-01-06T08:00:00.000Z';

const registerAgency: AgencyCommandOf<'registerAgency'> = {
  type: 'registerAgency',
  agencyId: 'agency-1',
  code: '9998',
  name: 'AGENCE LATOUR',
  email: 'info@latour.example',
  at,
};
const registered: AgencyEvent = {
  type: 'AgencyRegistered',
  data: { agencyId: 'agency-1', code: '9998', at },
  personal: { name: 'AGENCE LATOUR', email: 'info@latour.example' },
};
const registerUser: AgencyCommandOf<'registerUser'> = {
  type: 'registerUser',
  userId: 'user-1',
  role: 'manager',
  email: 'claire@latour.example',
  name: 'Claire Martin',
  passwordHash: 'scrypt$…',
  at,
};
const userRegistered: AgencyEvent = {
  type: 'UserRegistered',
  data: { userId: 'user-1', role: 'manager', at },
  personal: { email: 'claire@latour.example', name: 'Claire Martin', passwordHash: 'scrypt$…' },
};
const issueApiKey: AgencyCommandOf<'issueApiKey'> = {
  type: 'issueApiKey',
  keyId: 'key-1',
  keyHash: 'a'.repeat(64),
  label: 'Logiciel de gérance',
  at,
};
const issued: AgencyEvent = {
  type: 'ApiKeyIssued',
  data: { keyId: 'key-1', keyHash: 'a'.repeat(64), label: 'Logiciel de gérance', at },
};
const revokeApiKey: AgencyCommandOf<'revokeApiKey'> = { type: 'revokeApiKey', keyId: 'key-1', at: later };
const revoked: AgencyEvent = { type: 'ApiKeyRevoked', data: { keyId: 'key-1', at: later } };

function stateAfter(history: readonly AgencyEvent[]): Agency {
  return history.reduce((state: Agency, event) => agency.evolve(state, event), agency.initial);
}

function deciding(history: readonly AgencyEvent[], command: AgencyCommand): unknown {
  return agency.decide(stateAfter(history), command);
}

describe('an agency', () => {
  it('is registered once', () => {
    expect(deciding([], registerAgency)).toEqual([registered]);
    expect(deciding([registered], registerAgency)).toEqual([]);
    expect(deciding([registered], { ...registerAgency, code: '9999' })).toEqual({
      refused: 'AGENCY_ALREADY_REGISTERED',
    });
    expect(deciding([registered], { ...registerAgency, agencyId: 'agency-2' })).toEqual({
      refused: 'AGENCY_ALREADY_REGISTERED',
    });
  });

  it('keeps its postal address with its personal details', () => {
    const command = { ...registerAgency, address: '1 rue de la Tour, 57000 Metz' };
    expect(deciding([], command)).toMatchObject([{ personal: { address: '1 rue de la Tour, 57000 Metz' } }]);
  });

  it.each([registerUser, issueApiKey, revokeApiKey])('must exist before anything else: %p', (command) => {
    expect(deciding([], command)).toEqual({ refused: 'UNKNOWN_AGENCY' });
  });
});

describe('its users', () => {
  it('are registered once each', () => {
    expect(deciding([registered], registerUser)).toEqual([userRegistered]);
    expect(deciding([registered, userRegistered], registerUser)).toEqual([]);
    expect(deciding([registered, userRegistered], { ...registerUser, email: 'paul@latour.example' })).toEqual({
      refused: 'USER_ALREADY_REGISTERED',
    });
  });

  it('have an e-mail address each', () => {
    expect(deciding([registered, userRegistered], { ...registerUser, userId: 'user-2' })).toEqual({
      refused: 'USER_EMAIL_TAKEN',
    });
    const other = { ...registerUser, userId: 'user-2', email: 'paul@latour.example' };
    expect(deciding([registered, userRegistered], other)).toMatchObject([{ type: 'UserRegistered' }]);
  });
});

describe('the keys of its programs', () => {
  it('are issued and revoked once each', () => {
    expect(deciding([registered], issueApiKey)).toEqual([issued]);
    expect(deciding([registered, issued], issueApiKey)).toEqual([]);
    expect(deciding([registered, issued], { ...issueApiKey, keyHash: 'b'.repeat(64) })).toEqual({
      refused: 'API_KEY_ALREADY_ISSUED',
    });
    expect(deciding([registered, issued], revokeApiKey)).toEqual([revoked]);
    expect(deciding([registered, issued, revoked], revokeApiKey)).toEqual([]);
    expect(deciding([registered], revokeApiKey)).toEqual({ refused: 'UNKNOWN_API_KEY' });
  });

  it('are revoked one by one', () => {
    const second: AgencyEvent = { type: 'ApiKeyIssued', data: { ...issued.data, keyId: 'key-2' } };
    expect(stateAfter([registered, issued, second, revoked])).toMatchObject({
      apiKeys: [
        { keyId: 'key-1', status: 'revoked', revokedAt: later },
        { keyId: 'key-2', status: 'active' },
      ],
    });
  });
});

describe('its history', () => {
  it('forgets people once the key of the agency is destroyed', () => {
    const erased = [registered, userRegistered].map(({ type, data }) => ({ type, data }) as AgencyEvent);
    expect(stateAfter(erased)).toMatchObject({ details: 'erased', users: [{ userId: 'user-1', personal: 'erased' }] });
  });

  it('is not folded when no decision can have made it', () => {
    expect(() => stateAfter([issued])).toThrow(BrokenAgencyHistory);
    expect(() => stateAfter([registered, registered])).toThrow(BrokenAgencyHistory);
    const foreign = { type: 'Franked', data: {} } as unknown as AgencyEvent;
    expect(() => stateAfter([registered, foreign])).toThrow(BrokenAgencyHistory);
  });

  const lives: Readonly<Record<AgencyEventType, readonly AgencyEvent[]>> = {
    AgencyRegistered: [registered],
    UserRegistered: [registered, userRegistered],
    ApiKeyIssued: [registered, issued],
    ApiKeyRevoked: [registered, issued, revoked],
  };
  const released = (Object.keys(catalogue) as AgencyEventType[]).flatMap((type) =>
    Array.from({ length: catalogue[type].schema }, (_, index) => [type, index + 1] as const),
  );

  it.each(released)('reads %s as it was stored under schema %i', (type, version) => {
    const url = new URL(`./fixtures/${type}.${version}.json`, import.meta.url);
    const { schema, ...stored } = JSON.parse(readFileSync(url, 'utf8')) as { type: string; schema: number } & EventBody;
    expect([stored.type, schema]).toEqual([type, version]);
    const { schema: current, upcast }: CatalogueEntry = catalogue[type];
    let body: EventBody = stored;
    for (let from = version; from < current; from += 1) body = upcast[from]?.(body) ?? body;
    const read = { ...body, type } as unknown as AgencyEvent;
    const decided = lives[type].at(-1);
    // Whoever changes the fields of an event gives it a new schema: see CONTRIBUTING.md.
    expect(Object.keys(read.data).toSorted()).toEqual(Object.keys(decided?.data ?? {}).toSorted());
    expect(Object.keys(read.personal ?? {})).toEqual(expect.arrayContaining(Object.keys(decided?.personal ?? {})));
    expect(stateAfter([...lives[type].slice(0, -1), read])).toMatchObject({ status: 'registered' });
  });
});

describe('each refusal', () => {
  it.each(Object.entries(refusals))(
    '%s says what to do in a French sentence, and to programs a 4xx',
    (_code, meaning) => {
      expect(meaning.sentence).toMatch(/^\p{Lu}.+ : .+\.$/u);
      expect(meaning.status).toBeGreaterThanOrEqual(400);
      expect(meaning.status).toBeLessThan(500);
    },
  );
});
