import { given, stateAfter } from './given.js';
import {
  accepted,
  acknowledgement,
  at,
  atTheDoor,
  atTheDoorWithCode,
  bounced,
  browser,
  codeAsked,
  codeVerified,
  deposited,
  expired,
  otherBrowser,
  rappel,
  refused,
  signed,
  submitted,
} from './story.js';
import type { CommandOf, LetterCommand } from '../commands.js';
import type { EventOf, LetterEvent } from '../events.js';
import { senderIsVisible, sessionMayEnter } from '../views.js';

const accept: CommandOf<'accept'> = { type: 'accept', session: browser, at: at.acceptance };
const refuse: CommandOf<'refuse'> = { type: 'refuse', session: browser, at: at.acceptance };
const sign: CommandOf<'sign'> = {
  type: 'sign',
  session: browser,
  packageNumber: '7AD0F7866F46',
  consent: 'fr-1',
  signatory: 'M. et Mme CHARPENTIER Jean Luc',
  at: at.signature,
};
const open: CommandOf<'accessContent'> = {
  type: 'accessContent',
  session: browser,
  sha256: rappel.sha256,
  mode: 'opened',
  at: at.later,
};
const raiseAlert: CommandOf<'raiseAlert'> = { type: 'raiseAlert', at: at.alert };
const expire: CommandOf<'expire'> = { type: 'expire', at: at.end };

const alerted: EventOf<'AlertRaised'> = {
  type: 'AlertRaised',
  data: { windowEndsAt: at.end, at: at.alert },
};
const depositFailed: EventOf<'DepositFailed'> = {
  type: 'DepositFailed',
  data: { reason: 'DOCUMENT_MISSING', at: at.deposit },
};
const withCode = [...atTheDoorWithCode, codeAsked(), codeVerified] as const;
const acceptedByBoth = [...atTheDoor, accepted] as const;

/** The same command from the recipient's other browser. */
function elsewhere<Command extends LetterCommand & { session: string }>(command: Command): Command {
  return { ...command, session: otherBrowser };
}

describe.each([
  ['accept', accept],
  ['refuse', refuse],
  ['sign', sign],
  ['open a document', open],
  ['be alerted', raiseAlert],
  ['let it expire', expire],
])('nobody can %s', (_what, command: LetterCommand) => {
  it('on a letter that does not exist', () => given().when(command).thenRefused('UNKNOWN_LETTER'));
  it('on a letter that is not deposited', () => given(submitted()).when(command).thenRefused('NOT_NOTIFIED'));
  it('on a letter that could not be deposited', () =>
    given(submitted(), depositFailed).when(command).thenRefused('DEPOSIT_FAILED'));
  it('before the notice', () => given(submitted(), deposited).when(command).thenRefused('NOT_NOTIFIED'));
  it('when the notice bounced', () => given(submitted(), deposited, bounced).when(command).thenRefused('NOT_NOTIFIED'));
});

describe.each([
  ['accept', accept],
  ['refuse', refuse],
  ['sign', sign],
])('the window closes on who wants to %s', (_what, command) => {
  it('at its end, though Expired is not written yet', () => {
    given(...atTheDoor)
      .when({ ...command, at: at.end })
      .thenRefused('WINDOW_CLOSED');
    given(...acceptedByBoth)
      .when({ ...command, at: at.end })
      .thenRefused('WINDOW_CLOSED');
  });

  it('for good once Expired is written', () => {
    given(...atTheDoor, expired)
      .when({ ...command, at: at.afterEnd })
      .thenRefused('WINDOW_CLOSED');
  });

  it('even with a clock that says it is still open', () => {
    given(...atTheDoor, expired)
      .when({ ...command, at: at.lastMoment })
      .thenRefused('WINDOW_CLOSED');
  });
});

describe.each([
  ['accept', accept, atTheDoorWithCode],
  ['refuse', refuse, atTheDoorWithCode],
  ['sign', sign, [...withCode, accepted]],
  ['open a document', open, [...withCode, accepted, signed]],
  [
    'ask for paper',
    { type: 'requestPrint', by: 'recipient', session: browser, job: 'job-1', address: 'A\nB', at: at.later },
    withCode,
  ],
] satisfies [string, LetterCommand, readonly LetterEvent[]][])(
  'with OTP, who wants to %s',
  (_what, command: LetterCommand, history: readonly LetterEvent[]) => {
    it('must have given a code in the same browser', () => {
      given(...history)
        .when({ ...command, session: otherBrowser } as LetterCommand)
        .thenRefused('OTP_REQUIRED');
    });
  },
);

describe('accepting', () => {
  it('accepts until the last moment of the window', () => {
    given(...atTheDoor)
      .when(accept)
      .then(accepted);
    given(...atTheDoor)
      .when({ ...accept, at: at.lastMoment })
      .thenHappens('Accepted');
    given(...withCode)
      .when(accept)
      .then(accepted);
  });

  it('does nothing twice: double click, two tabs, another browser, after the signature', () => {
    given(...acceptedByBoth)
      .when(accept)
      .thenNothing();
    given(...acceptedByBoth)
      .when(elsewhere(accept))
      .thenNothing();
    given(...acceptedByBoth, signed)
      .when({ ...accept, at: at.signature })
      .thenNothing();
  });

  it('refuses after a refusal', () => {
    given(...atTheDoor, refused)
      .when(accept)
      .thenRefused('ALREADY_REFUSED');
  });

  it('shows the sender from then on, and never before', () => {
    const before = [submitted(), deposited, atTheDoor[2]];
    before.forEach((_event, index) => expect(senderIsVisible(stateAfter(before.slice(0, index + 1)))).toBe(false));
    expect(senderIsVisible(stateAfter([...atTheDoor, refused]))).toBe(false);
    expect(senderIsVisible(stateAfter([...atTheDoor, expired]))).toBe(false);
    expect(senderIsVisible(stateAfter(acceptedByBoth))).toBe(true);
    expect(senderIsVisible(stateAfter([...acceptedByBoth, signed]))).toBe(true);
    expect(senderIsVisible(stateAfter([...acceptedByBoth, expired]))).toBe(false);
  });

  it('lets anybody with the link in when no code is asked for', () => {
    expect(sessionMayEnter(stateAfter([submitted(), deposited]), browser)).toBe(false);
    expect(sessionMayEnter(stateAfter(atTheDoor), browser)).toBe(true);
  });
});

describe('refusing', () => {
  it('refuses until the last moment of the window', () => {
    given(...atTheDoor)
      .when(refuse)
      .then(refused);
    given(...withCode)
      .when({ ...refuse, at: at.lastMoment })
      .thenHappens('Refused');
  });

  it('does nothing twice in the same browser, and says so in another', () => {
    given(...atTheDoor, refused)
      .when(refuse)
      .thenNothing();
    given(...atTheDoor, refused)
      .when(elsewhere(refuse))
      .thenRefused('ALREADY_REFUSED');
  });

  it('cannot take back an acceptance or a signature', () => {
    given(...acceptedByBoth)
      .when(refuse)
      .thenRefused('ALREADY_ACCEPTED');
    given(...acceptedByBoth, signed)
      .when({ ...refuse, at: at.signature })
      .thenRefused('ALREADY_SIGNED');
  });
});

describe('signing', () => {
  it('signs what was accepted, until the last moment of the window', () => {
    given(...acceptedByBoth)
      .when(sign)
      .then(signed);
    given(...withCode, accepted)
      .when({ ...sign, at: at.lastMoment })
      .thenHappens('Signed');
  });

  it('signs at the desk what was accepted on the telephone', () => {
    given(...acceptedByBoth)
      .when(elsewhere(sign))
      .thenHappens('Signed');
  });

  it('does nothing twice in the same browser, with another package number or not', () => {
    given(...acceptedByBoth, signed)
      .when(sign)
      .thenNothing();
    given(...acceptedByBoth, signed)
      .when({ ...sign, packageNumber: '000000000000' })
      .thenNothing();
  });

  it('refuses a second signature from another browser', () => {
    given(...acceptedByBoth, signed)
      .when(elsewhere(sign))
      .thenRefused('ALREADY_SIGNED');
  });

  it('refuses before the acceptance and after a refusal', () => {
    given(...atTheDoor)
      .when(sign)
      .thenRefused('NOT_ACCEPTED');
    given(...atTheDoor, refused)
      .when(sign)
      .thenRefused('ALREADY_REFUSED');
  });

  it('keeps the signatory only as long as the key of the letter', () => {
    const { personal: _personal, ...erased } = signed;
    expect(stateAfter([...acceptedByBoth, signed])).toMatchObject({ signatory: 'M. et Mme CHARPENTIER Jean Luc' });
    expect(stateAfter([...acceptedByBoth, erased])).toMatchObject({ signatory: null });
  });
});

describe('reading the documents', () => {
  const opened: LetterEvent = {
    type: 'ContentAccessed',
    data: { session: browser, sha256: rappel.sha256, mode: 'opened', at: at.later },
  };
  const read = [...acceptedByBoth, signed] as const;

  it('records the first opening and the first download of each document', () => {
    given(...read)
      .when(open)
      .then(opened);
    given(...read, opened)
      .when({ ...open, mode: 'downloaded' })
      .thenHappens('ContentAccessed');
    given(...read, opened)
      .when({ ...open, sha256: acknowledgement.sha256 })
      .thenHappens('ContentAccessed');
  });

  it('records no more of the same', () => {
    given(...read, opened)
      .when(open)
      .thenNothing();
    given(...read, opened)
      .when(elsewhere(open))
      .thenNothing();
  });

  it('stays possible after the window of a letter that was signed in time', () => {
    given(...read)
      .when({ ...open, at: at.afterEnd })
      .thenHappens('ContentAccessed');
  });

  it('refuses before the signature, and when the letter will never be signed', () => {
    given(...atTheDoor)
      .when(open)
      .thenRefused('NOT_SIGNED');
    given(...acceptedByBoth)
      .when(open)
      .thenRefused('NOT_SIGNED');
    given(...atTheDoor, refused)
      .when(open)
      .thenRefused('ALREADY_REFUSED');
    given(...atTheDoor, expired)
      .when(open)
      .thenRefused('WINDOW_CLOSED');
  });

  it('refuses a document that is not part of the letter', () => {
    given(...read)
      .when({ ...open, sha256: 'f'.repeat(64) })
      .thenRefused('UNKNOWN_DOCUMENT');
  });
});

describe('the alert before the deadline', () => {
  it('is raised from the Paris midnight that many days before, once', () => {
    given(...atTheDoor)
      .when(raiseAlert)
      .then(alerted);
    given(...acceptedByBoth)
      .when(raiseAlert)
      .thenHappens('AlertRaised');
    given(...atTheDoor, alerted)
      .when(raiseAlert)
      .thenNothing();
    given(...atTheDoor, alerted, expired)
      .when({ ...raiseAlert, at: at.afterEnd })
      .thenNothing();
  });

  it('refuses before it is due', () => {
    given(...atTheDoor)
      .when({ ...raiseAlert, at: at.beforeAlert })
      .thenRefused('ALERT_TOO_EARLY');
  });

  it('is pointless once the letter is answered or the window closed', () => {
    given(...acceptedByBoth, signed)
      .when(raiseAlert)
      .thenRefused('ALREADY_SIGNED');
    given(...atTheDoor, refused)
      .when(raiseAlert)
      .thenRefused('ALREADY_REFUSED');
    given(...atTheDoor)
      .when({ ...raiseAlert, at: at.end })
      .thenRefused('WINDOW_CLOSED');
    given(...atTheDoor, expired)
      .when({ ...raiseAlert, at: at.afterEnd })
      .thenRefused('WINDOW_CLOSED');
  });

  it('is never raised when it was asked for zero days before the end', () => {
    const history = [submitted({ alertDays: 0 }), deposited, atTheDoor[2]];
    given(...history)
      .when({ ...raiseAlert, at: at.lastMoment })
      .thenRefused('ALERT_TOO_EARLY');
    given(...history)
      .when({ ...raiseAlert, at: at.end })
      .thenRefused('WINDOW_CLOSED');
  });

  it('refuses under a legal profile that this version does not know', () => {
    given(submitted({ legalProfile: 'fr-cpce-2031' }), deposited, atTheDoor[2])
      .when(raiseAlert)
      .thenRefused('UNKNOWN_LEGAL_PROFILE');
  });
});

describe('expiring', () => {
  it('expires at the end of the window, also what was accepted but never signed', () => {
    given(...atTheDoor)
      .when(expire)
      .then(expired);
    given(...acceptedByBoth)
      .when({ ...expire, at: at.afterEnd })
      .thenHappens('Expired');
  });

  it('expires once', () => {
    given(...atTheDoor, expired)
      .when({ ...expire, at: at.afterEnd })
      .thenNothing();
  });

  it('refuses a moment too early', () => {
    given(...atTheDoor)
      .when({ ...expire, at: at.lastMoment })
      .thenRefused('WINDOW_OPEN');
  });

  it('refuses what was answered', () => {
    given(...acceptedByBoth, signed)
      .when(expire)
      .thenRefused('ALREADY_SIGNED');
    given(...atTheDoor, refused)
      .when(expire)
      .thenRefused('ALREADY_REFUSED');
  });
});
