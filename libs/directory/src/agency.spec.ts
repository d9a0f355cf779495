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

/** What happens to a second user, Paul, who is invited. */
const of = { userId: 'user-2' } as const;
const expiresAt = '2026-01-12T08:00:00.000Z';
const inviteUser: AgencyCommandOf<'inviteUser'> = {
  type: 'inviteUser',
  ...of,
  role: 'clerk',
  email: 'paul@latour.example',
  linkId: 'link-1',
  expiresAt,
  at,
};
const invited: AgencyEvent = {
  type: 'UserInvited',
  data: { ...of, role: 'clerk', linkId: 'link-1', expiresAt, at },
  personal: { email: 'paul@latour.example' },
};
const accept: AgencyCommandOf<'acceptInvitation'> = {
  type: 'acceptInvitation',
  ...of,
  linkId: 'link-1',
  name: 'Paul Durand',
  passwordHash: '$argon2id$1',
  at: later,
};
const accepted: AgencyEvent = {
  type: 'InvitationAccepted',
  data: { ...of, at: later },
  personal: { name: 'Paul Durand', passwordHash: '$argon2id$1' },
};
const roleChanged: AgencyEvent = { type: 'UserRoleChanged', data: { ...of, role: 'manager', at: later } };
const deactivated: AgencyEvent = { type: 'UserDeactivated', data: { ...of, at: later } };
const reactivated: AgencyEvent = { type: 'UserReactivated', data: { ...of, at: later } };
const resetRequested: AgencyEvent = {
  type: 'PasswordResetRequested',
  data: { ...of, linkId: 'link-2', expiresAt, at: later },
};
const passwordChanged: AgencyEvent = {
  type: 'PasswordChanged',
  data: { ...of, proof: 'password', at: later },
  personal: { passwordHash: '$argon2id$2' },
};
const proposed: AgencyEvent = {
  type: 'SecondFactorProposed',
  data: { ...of, factorId: 'factor-1', at: later },
  personal: { secret: 'JBSWY3DP' },
};
const confirmed: AgencyEvent = {
  type: 'SecondFactorConfirmed',
  data: { ...of, factorId: 'factor-1', at: later },
  personal: { recoveryHashes: ['aa', 'bb'] },
};
const codeUsed: AgencyEvent = {
  type: 'RecoveryCodeUsed',
  data: { ...of, factorId: 'factor-1', number: 1, at: later },
};
const factorRemoved: AgencyEvent = { type: 'SecondFactorRemoved', data: { ...of, at: later } };
const locked: AgencyEvent = { type: 'LogInLocked', data: { ...of, lockId: 'lock-1', until: expiresAt, at: later } };
const unlocked: AgencyEvent = { type: 'LogInUnlocked', data: { ...of, at: later } };
const mail = { ...of, about: 'invitation', messageId: 'invitation.link-1@pli.example', at: later } as const;
const mailed: AgencyEvent = { type: 'UserMailSent', data: mail };
const notMailed: AgencyEvent = { type: 'UserMailFailed', data: { ...mail, code: 550 } };

const manager = [registered, userRegistered];
const joined = [...manager, invited, accepted];

describe('an invitation', () => {
  it('is sent, and again with another link while nobody has joined by it', () => {
    expect(deciding(manager, inviteUser)).toEqual([invited]);
    expect(deciding([...manager, invited], inviteUser)).toEqual([]);
    const again = { ...inviteUser, linkId: 'link-9', role: 'reader' } as const;
    expect(deciding([...manager, invited], again)).toMatchObject([{ data: { linkId: 'link-9', role: 'reader' } }]);
    expect(deciding([...manager, invited, deactivated], again)).toMatchObject([{ type: 'UserInvited' }]);
    expect(deciding(joined, again)).toEqual({ refused: 'USER_HAS_JOINED' });
  });

  it('is for an address that nobody else of the agency has', () => {
    expect(deciding(manager, { ...inviteUser, email: 'claire@latour.example' })).toEqual({
      refused: 'USER_EMAIL_TAKEN',
    });
    expect(deciding([...manager, invited], { ...inviteUser, linkId: 'link-9', email: 'autre@latour.example' })).toEqual(
      {
        refused: 'USER_EMAIL_TAKEN',
      },
    );
  });

  it('is accepted once, in time, by its last link', () => {
    expect(deciding([...manager, invited], accept)).toEqual([accepted]);
    expect(deciding(joined, accept)).toEqual({ refused: 'LINK_USED' });
    expect(deciding([...manager, invited], { ...accept, linkId: 'link-0' })).toEqual({ refused: 'LINK_USED' });
    expect(deciding([...manager, invited, deactivated], accept)).toEqual({ refused: 'LINK_USED' });
    expect(deciding([...manager, invited], { ...accept, at: expiresAt })).toEqual({ refused: 'LINK_EXPIRED' });
  });
});

describe('roles and access', () => {
  const changeRole = { type: 'changeRole', ...of, role: 'manager', at: later } as const;
  const deactivate = { type: 'deactivateUser', ...of, at: later } as const;
  const reactivate = { type: 'reactivateUser', ...of, at: later } as const;

  it('change, and the same again changes nothing', () => {
    expect(deciding(joined, changeRole)).toEqual([roleChanged]);
    expect(deciding([...joined, roleChanged], changeRole)).toEqual([]);
    expect(deciding(joined, deactivate)).toEqual([deactivated]);
    expect(deciding([...joined, deactivated], deactivate)).toEqual([]);
    expect(deciding([...joined, deactivated], reactivate)).toEqual([reactivated]);
    expect(deciding(joined, reactivate)).toEqual([]);
  });

  it('are not given back to somebody who never joined', () => {
    expect(deciding([...manager, invited], reactivate)).toEqual({ refused: 'USER_NOT_ACTIVE' });
    expect(deciding([...manager, invited, deactivated], reactivate)).toEqual({ refused: 'USER_NOT_ACTIVE' });
  });

  it('leave an agency with one active manager at least', () => {
    const claire = { userId: 'user-1' } as const;
    const demote = { type: 'changeRole', ...claire, role: 'reader', at: later } as const;
    const remove = { type: 'deactivateUser', ...claire, at: later } as const;
    for (const command of [demote, remove]) {
      expect(deciding(joined, command)).toEqual({ refused: 'LAST_MANAGER' });
      expect(deciding([...joined, roleChanged, deactivated], command)).toEqual({ refused: 'LAST_MANAGER' });
      expect(deciding([...joined, roleChanged], command)).toHaveLength(1);
    }
    // Who is only invited manages nothing yet.
    const invitedManager = { ...invited, data: { ...invited.data, role: 'manager' } } as AgencyEvent;
    expect(deciding([...manager, invitedManager], remove)).toEqual({ refused: 'LAST_MANAGER' });
  });

  it('are of users that the agency has', () => {
    expect(deciding(manager, changeRole)).toEqual({ refused: 'UNKNOWN_USER' });
  });
});

describe('a password', () => {
  const request = { type: 'requestPasswordReset', ...of, linkId: 'link-2', expiresAt, at: later } as const;
  const reset = { type: 'resetPassword', ...of, linkId: 'link-2', passwordHash: '$argon2id$3', at: later } as const;
  const change = {
    type: 'changePassword',
    ...of,
    currentHash: '$argon2id$1',
    passwordHash: '$argon2id$2',
    at: later,
  } as const;

  it('is reset by a mailed link, once and in time', () => {
    expect(deciding(joined, request)).toEqual([resetRequested]);
    expect(deciding([...joined, resetRequested], request)).toEqual([]);
    expect(deciding([...joined, resetRequested], reset)).toMatchObject([{ data: { proof: 'link' } }]);
    expect(deciding([...joined, resetRequested, passwordChanged], reset)).toEqual({ refused: 'LINK_USED' });
    expect(deciding([...joined, resetRequested, deactivated, reactivated], reset)).toEqual({ refused: 'LINK_USED' });
    expect(deciding([...joined, resetRequested], { ...reset, at: expiresAt })).toEqual({ refused: 'LINK_EXPIRED' });
    expect(deciding([...joined, deactivated], request)).toEqual({ refused: 'USER_NOT_ACTIVE' });
  });

  it('is changed from the one that was verified', () => {
    expect(deciding(joined, change)).toEqual([passwordChanged]);
    expect(deciding([...joined, passwordChanged], change)).toEqual({ refused: 'PASSWORD_CHANGED_MEANWHILE' });
    expect(deciding([...joined, deactivated], change)).toEqual({ refused: 'USER_NOT_ACTIVE' });
  });
});

describe('a second factor', () => {
  const propose = { type: 'proposeSecondFactor', ...of, factorId: 'factor-1', secret: 'JBSWY3DP', at: later } as const;
  const confirm = {
    type: 'confirmSecondFactor',
    ...of,
    factorId: 'factor-1',
    recoveryHashes: ['aa', 'bb'],
    at: later,
  } as const;
  const recover = { type: 'useRecoveryCode', ...of, hash: 'bb', at: later } as const;
  const remove = { type: 'removeSecondFactor', ...of, at: later } as const;

  it('is proposed, then confirmed', () => {
    expect(deciding(joined, propose)).toEqual([proposed]);
    expect(deciding([...joined, proposed], propose)).toEqual([]);
    expect(deciding([...joined, proposed], { ...propose, factorId: 'factor-2' })).toHaveLength(1);
    expect(deciding([...joined, proposed], confirm)).toEqual([confirmed]);
    expect(deciding([...joined, proposed, confirmed], confirm)).toEqual({ refused: 'SECOND_FACTOR_IN_FORCE' });
    expect(deciding([...joined, proposed, confirmed], { ...propose, factorId: 'factor-2' })).toEqual({
      refused: 'SECOND_FACTOR_IN_FORCE',
    });
    expect(deciding([...joined, proposed], { ...confirm, factorId: 'factor-2' })).toEqual({
      refused: 'SECOND_FACTOR_REPLACED',
    });
    expect(deciding(joined, confirm)).toEqual({ refused: 'SECOND_FACTOR_REPLACED' });
    expect(deciding([...joined, deactivated], propose)).toEqual({ refused: 'USER_NOT_ACTIVE' });
  });

  it('has recovery codes, each of which works once', () => {
    const inForce = [...joined, proposed, confirmed];
    expect(deciding(inForce, recover)).toEqual([codeUsed]);
    expect(deciding([...inForce, codeUsed], recover)).toEqual({ refused: 'RECOVERY_CODE_WRONG' });
    expect(deciding([...inForce, codeUsed], { ...recover, hash: 'aa' })).toMatchObject([{ data: { number: 0 } }]);
    expect(deciding(inForce, { ...recover, hash: 'cc' })).toEqual({ refused: 'RECOVERY_CODE_WRONG' });
    expect(deciding(joined, recover)).toEqual({ refused: 'RECOVERY_CODE_WRONG' });
    expect(deciding([...inForce, deactivated], recover)).toEqual({ refused: 'RECOVERY_CODE_WRONG' });
  });

  it('is removed, and then there is none', () => {
    expect(deciding([...joined, proposed, confirmed], remove)).toEqual([factorRemoved]);
    expect(deciding(joined, remove)).toEqual([]);
    expect(deciding([...joined, proposed, confirmed, factorRemoved], propose)).toHaveLength(1);
  });
});

describe('a lock-out', () => {
  const lock = { type: 'lockLogIn', ...of, lockId: 'lock-1', until: expiresAt, at: later } as const;

  it('is one, however many processes counted the last attempt', () => {
    expect(deciding(joined, lock)).toEqual([locked]);
    expect(deciding([...joined, locked], { ...lock, lockId: 'lock-2' })).toEqual([]);
    expect(deciding([...joined, locked], { ...lock, lockId: 'lock-2', at: expiresAt })).toHaveLength(1);
  });

  it('is lifted once', () => {
    const unlock = { type: 'unlockLogIn', ...of, at: later } as const;
    expect(deciding([...joined, locked], unlock)).toEqual([unlocked]);
    expect(deciding([...joined, locked, unlocked], unlock)).toEqual([]);
  });
});

describe('the outcome of an e-mail', () => {
  it('is the first one that is told', () => {
    const confirmMail = { type: 'confirmUserMail', ...mail } as const;
    const failMail = { type: 'failUserMail', ...mail, code: 550 } as const;
    expect(deciding(joined, confirmMail)).toEqual([mailed]);
    expect(deciding(joined, failMail)).toEqual([notMailed]);
    expect(deciding([...joined, mailed], failMail)).toEqual([]);
    expect(deciding([...joined, notMailed], confirmMail)).toEqual([]);
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
    UserInvited: [...manager, invited],
    InvitationAccepted: joined,
    UserRoleChanged: [...joined, roleChanged],
    UserDeactivated: [...joined, deactivated],
    UserReactivated: [...joined, deactivated, reactivated],
    PasswordResetRequested: [...joined, resetRequested],
    PasswordChanged: [...joined, passwordChanged],
    SecondFactorProposed: [...joined, proposed],
    SecondFactorConfirmed: [...joined, proposed, confirmed],
    RecoveryCodeUsed: [...joined, proposed, confirmed, codeUsed],
    SecondFactorRemoved: [...joined, proposed, confirmed, factorRemoved],
    LogInLocked: [...joined, locked],
    LogInUnlocked: [...joined, locked, unlocked],
    UserMailSent: [...joined, mailed],
    UserMailFailed: [...joined, notMailed],
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
    const about = { ...read, data: { ...read.data, ...('userId' in (decided?.data ?? {}) ? of : {}) } } as AgencyEvent;
    expect(stateAfter([...lives[type].slice(0, -1), about])).toMatchObject({ status: 'registered' });
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
