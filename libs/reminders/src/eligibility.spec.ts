import type { RegisteredParty } from '#libs/directory';
import { addresseeOf, eligibility, ineligibilities, type Addressee, type Ineligibility } from './eligibility.js';

const line = { status: 'open', list: 'unpaid', level: 'registered' } as const;
const tenant: Addressee = {
  kind: 'tenant',
  professional: false,
  consent: 'given',
  archived: false,
  details: { email: 'jl.charpentier@exemple.example', mobile: '+33612345678' },
};
const owner: Addressee = { ...tenant, kind: 'owner' };

describe('a line becomes a registered electronic letter', () => {
  it('at LRAR level, to a tenant or, on the third tab, an owner who has consented', () => {
    expect(eligibility(line, tenant)).toEqual({ eligible: true, canReceiveCode: true });
    expect(eligibility({ ...line, list: 'insurance' }, tenant)).toMatchObject({ eligible: true });
    expect(eligibility({ ...line, list: 'owner-insurance' }, owner)).toMatchObject({ eligible: true });
  });

  it('to a professional without consent (L. 100 CPCE)', () => {
    expect(eligibility(line, { ...tenant, professional: true, consent: 'none' })).toMatchObject({ eligible: true });
  });

  it('without a mobile, but then without a code by SMS', () => {
    const details = { email: 'jl.charpentier@exemple.example' };
    expect(eligibility(line, { ...tenant, details })).toEqual({ eligible: true, canReceiveCode: false });
  });
});

describe('a line stays in the list', () => {
  type Refused = [Ineligibility, Partial<Parameters<typeof eligibility>[0]>, Addressee | undefined];
  it.each([
    ['SENT', { status: 'sent' }, tenant],
    ['WITHDRAWN', { status: 'withdrawn' }, tenant],
    ['LEVEL', { level: 'reminder-1' }, tenant],
    ['LEVEL', { level: 'reminder-2' }, tenant],
    ['LEVEL', { level: 'bailiff' }, tenant],
    ['UNKNOWN_PARTY', {}, undefined],
    ['NOT_A_TENANT', {}, owner],
    ['NOT_A_TENANT', { list: 'insurance' }, owner],
    ['NOT_AN_OWNER', { list: 'owner-insurance' }, tenant],
    ['ARCHIVED', {}, { ...tenant, archived: true }],
    ['NO_CONSENT', {}, { ...tenant, consent: 'none' }],
    ['CONSENT_WITHDRAWN', {}, { ...tenant, consent: 'withdrawn' }],
    ['NO_EMAIL', {}, { ...tenant, details: null }],
    ['NO_EMAIL', {}, { ...tenant, details: { email: '' } }],
    // What is to be put right first is said first.
    ['SENT', { status: 'sent', level: 'bailiff' }, undefined],
    ['LEVEL', { level: 'bailiff' }, undefined],
  ] as Refused[])('%s: %j', (reason, changed, party) => {
    expect(eligibility({ ...line, ...changed }, party)).toEqual({ eligible: false, reason });
    expect(ineligibilities[reason]).toMatch(/^\p{Lu}.+\.$/u);
  });
});

it('the aggregate of a third party is an addressee, also when it is erased', () => {
  const party: RegisteredParty = {
    status: 'registered',
    agencyId: 'agency-1',
    code: '40017',
    kind: 'tenant',
    professional: true,
    details: { name: 'ROSE Armance', email: 'a.rose@exemple.example' },
    consent: { status: 'none' },
    proofs: [],
    archived: false,
  };
  expect(eligibility(line, addresseeOf(party))).toEqual({ eligible: true, canReceiveCode: false });
  expect(eligibility(line, addresseeOf({ ...party, details: 'erased' }))).toMatchObject({ reason: 'NO_EMAIL' });
});
