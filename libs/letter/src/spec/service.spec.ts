import { given, stateAfter } from './given.js';
import {
  accepted,
  addressCorrected,
  at,
  atTheDoor,
  bounced,
  browser,
  deposited,
  expired,
  informed,
  notified,
  refused,
  signed,
  submit,
  submitted,
} from './story.js';
import type { CommandOf } from '../commands.js';
import type { EventOf, Information, LetterEvent } from '../events.js';

const alerted: EventOf<'AlertRaised'> = {
  type: 'AlertRaised',
  data: { windowEndsAt: at.end, at: at.alert },
};
const depositFailed: EventOf<'DepositFailed'> = {
  type: 'DepositFailed',
  data: { reason: 'DOCUMENT_MISSING', at: at.deposit },
};
const signedLetter = [...atTheDoor, accepted, signed] as const;

function tell(about: Information, when: string = at.afterEnd): CommandOf<'confirmInformed'> {
  return { type: 'confirmInformed', about, messageId: `<${about}@pli>`, at: when };
}

describe('telling people by e-mail', () => {
  it.each([
    ['deposit-proof', 'agency', [submitted(), deposited]],
    ['deposit-proof', 'agency', signedLetter],
    ['bounce', 'agency', [submitted(), deposited, bounced]],
    ['bounce', 'agency', [submitted(), deposited, bounced, addressCorrected]],
    ['alert', 'agency', [...atTheDoor, alerted]],
    ['notice-reminder', 'recipient', [...atTheDoor, alerted]],
    ['alert', 'agency', [...atTheDoor, alerted, expired]],
    ['refusal', 'agency', [...atTheDoor, refused]],
    ['expiry', 'agency', [...atTheDoor, expired]],
    ['confirmation', 'agency', signedLetter],
    ['signed-documents', 'recipient', signedLetter],
  ] satisfies [Information, string, readonly LetterEvent[]][])(
    'records that %s was told to the %s',
    (about: Information, party, history: readonly LetterEvent[]) => {
      const event = informed(about, `<${about}@pli>`, at.afterEnd);
      expect(event.data.party).toBe(party);
      given(...history)
        .when(tell(about))
        .then(event);
      given(...history, event)
        .when(tell(about))
        .thenNothing();
    },
  );

  it('records that the mail system refused to tell it, once', () => {
    const fail: CommandOf<'failInformed'> = { ...tell('refusal'), type: 'failInformed', code: 552 };
    const data = { party: 'agency', about: 'refusal', messageId: '<refusal@pli>', code: 552, at: at.afterEnd } as const;
    const failed: LetterEvent = { type: 'InformFailed', data };
    given(...atTheDoor, refused)
      .when(fail)
      .then(failed);
    given(...atTheDoor, refused, failed)
      .when(fail)
      .thenNothing();
    given(...atTheDoor, refused, failed)
      .when(tell('refusal'))
      .thenRefused('MESSAGE_SETTLED');
    given(...atTheDoor, refused, informed('refusal', '<refusal@pli>', at.later))
      .when(fail)
      .thenRefused('MESSAGE_SETTLED');
  });

  it.each([
    ['bounce', [...atTheDoor]],
    ['alert', [...atTheDoor]],
    ['notice-reminder', [...atTheDoor]],
    ['alert', [submitted(), deposited]],
    ['refusal', [...atTheDoor, accepted]],
    ['expiry', [...atTheDoor]],
    ['confirmation', [...atTheDoor, accepted]],
    ['signed-documents', [...atTheDoor, refused]],
  ] satisfies [Information, readonly LetterEvent[]][])(
    'refuses to have told %s when it did not happen',
    (about: Information, history: readonly LetterEvent[]) => {
      given(...history)
        .when(tell(about))
        .thenRefused('NOTHING_TO_TELL');
    },
  );

  it('refuses before the deposit', () => {
    given().when(tell('bounce')).thenRefused('UNKNOWN_LETTER');
    given(submitted()).when(tell('bounce')).thenRefused('NOT_DEPOSITED');
    given(submitted(), depositFailed).when(tell('bounce')).thenRefused('DEPOSIT_FAILED');
  });
});

describe('the letter on paper', () => {
  const address = 'M. et Mme CHARPENTIER Jean Luc\n12 rue des Clercs\n57000 METZ';
  const personal = { address };
  const bySender: CommandOf<'requestPrint'> = {
    type: 'requestPrint',
    by: 'sender',
    job: 'job-1',
    address,
    at: at.later,
  };
  const byRecipient: CommandOf<'requestPrint'> = { ...bySender, by: 'recipient', session: browser };
  const { agencyId, reference } = submit();
  const asked: LetterEvent = {
    type: 'PrintRequested',
    data: { by: 'sender', job: 'job-1', agencyId, reference, at: at.later },
    personal,
  };
  const print = { sha256: 'd'.repeat(64), size: 48_210, pages: 4 };
  const ticket = { sha256: 'e'.repeat(64), size: 9_120, pages: 1 };
  const confirm: CommandOf<'confirmPrint'> = { type: 'confirmPrint', job: 'job-1', print, ticket, at: at.later };
  const prepared: LetterEvent = { type: 'PrintPrepared', data: { job: 'job-1', print, ticket, at: at.later } };
  const fail: CommandOf<'failPrint'> = { type: 'failPrint', job: 'job-1', reason: 'DOCUMENT_MISSING', at: at.later };
  const failed: LetterEvent = {
    type: 'PrintFailed',
    data: { job: 'job-1', reason: 'DOCUMENT_MISSING', at: at.later },
  };
  const download: CommandOf<'downloadPrint'> = { type: 'downloadPrint', job: 'job-1', by: 'user:1', at: at.later };
  const downloaded: LetterEvent = { type: 'PrintDownloaded', data: { job: 'job-1', by: 'user:1', at: at.later } };
  const dispatch: CommandOf<'confirmDispatch'> = {
    type: 'confirmDispatch',
    job: 'job-1',
    trackingNumber: '1A 123 456 7890 1',
    at: at.alert,
  };
  const dispatched: LetterEvent = {
    type: 'PrintDispatched',
    data: { job: 'job-1', trackingNumber: '1A 123 456 7890 1', at: at.alert },
  };

  it.each([
    ['deposited', [submitted(), deposited]],
    ['whose notice bounced', [submitted(), deposited, bounced]],
    ['notified', atTheDoor],
    ['accepted', [...atTheDoor, accepted]],
    ['signed', signedLetter],
    ['refused', [...atTheDoor, refused]],
    ['expired', [...atTheDoor, expired]],
  ] satisfies [string, readonly LetterEvent[]][])(
    'is there for the sender of a letter that is %s',
    (_what, history: readonly LetterEvent[]) => {
      given(...history)
        .when({ ...bySender, at: at.afterEnd })
        .thenHappens('PrintRequested');
    },
  );

  it('is there for a recipient who is not a professional', () => {
    given(...atTheDoor)
      .when(byRecipient)
      .then({
        type: 'PrintRequested',
        data: { by: 'recipient', job: 'job-1', agencyId, reference, at: at.later },
        personal,
      });
    given(...signedLetter)
      .when({ ...byRecipient, at: at.afterEnd })
      .thenHappens('PrintRequested');
  });

  it('is not for a professional recipient, nor for one who refused or let the time pass', () => {
    given(submitted({ professional: true }), deposited, notified)
      .when(byRecipient)
      .thenRefused('PAPER_NOT_ALLOWED');
    given(...atTheDoor, refused)
      .when(byRecipient)
      .thenRefused('ALREADY_REFUSED');
    given(...atTheDoor)
      .when({ ...byRecipient, at: at.end })
      .thenRefused('WINDOW_CLOSED');
    given(submitted(), deposited).when(byRecipient).thenRefused('NOT_NOTIFIED');
  });

  it('is not there before the deposit, nor under a legal profile that this version does not know', () => {
    given().when(bySender).thenRefused('UNKNOWN_LETTER');
    given(submitted()).when(bySender).thenRefused('NOT_DEPOSITED');
    given(submitted(), depositFailed).when(bySender).thenRefused('DEPOSIT_FAILED');
    given(submitted({ legalProfile: 'fr-cpce-2031' }), deposited)
      .when(bySender)
      .thenRefused('UNKNOWN_LEGAL_PROFILE');
  });

  it('goes to an address', () => {
    for (const nowhere of ['', 'M. et Mme CHARPENTIER', '\n']) {
      given(...atTheDoor)
        .when({ ...bySender, address: nowhere })
        .thenRefused('PRINT_ADDRESS_MISSING');
    }
  });

  it('is prepared once, or fails for good, after which it may be asked for anew', () => {
    given(...atTheDoor, asked)
      .when(confirm)
      .then(prepared);
    given(...atTheDoor, asked, prepared)
      .when(confirm)
      .thenNothing();
    given(...atTheDoor, asked, prepared)
      .when(fail)
      .thenRefused('PRINT_SETTLED');
    given(...atTheDoor, asked)
      .when(fail)
      .then(failed);
    given(...atTheDoor, asked, failed)
      .when(fail)
      .thenNothing();
    given(...atTheDoor, asked, failed)
      .when({ ...bySender, job: 'job-2' })
      .thenHappens('PrintRequested');
    given(...atTheDoor)
      .when(confirm)
      .thenRefused('UNKNOWN_PRINT_JOB');
  });

  it('is handed out once it is prepared, and every time is told but a browser’s second asking', () => {
    given(...atTheDoor, asked)
      .when(download)
      .thenRefused('PRINT_NOT_READY');
    given(...atTheDoor, asked, failed)
      .when(download)
      .thenRefused('PRINT_NOT_READY');
    given(...atTheDoor, asked, prepared)
      .when(download)
      .then(downloaded);
    given(...atTheDoor, asked, prepared, downloaded)
      .when(download)
      .thenNothing();
    given(...atTheDoor, asked, prepared, downloaded)
      .when({ ...download, by: 'user:2' })
      .thenHappens('PrintDownloaded');
    given(...atTheDoor, asked, prepared, downloaded, dispatched)
      .when({ ...download, at: at.alert })
      .thenHappens('PrintDownloaded');
    expect(stateAfter([...atTheDoor, asked, prepared, downloaded, dispatched])).toMatchObject({
      printJobs: [
        { status: 'dispatched', paper: { print, ticket }, address, downloads: [{ by: 'user:1', at: at.later }] },
      ],
    });
  });

  it('is asked for once, and again only after its dispatch', () => {
    given(...atTheDoor, asked)
      .when(bySender)
      .thenNothing();
    given(...atTheDoor, asked)
      .when({ ...byRecipient, job: 'job-2' })
      .thenRefused('PRINT_PENDING');
    given(...atTheDoor, asked, prepared)
      .when({ ...byRecipient, job: 'job-2' })
      .thenRefused('PRINT_PENDING');
    given(...atTheDoor, asked, dispatched)
      .when({ ...byRecipient, job: 'job-2', at: at.alert })
      .thenHappens('PrintRequested');
  });

  it('is dispatched once, under one tracking number', () => {
    given(...atTheDoor, asked)
      .when(dispatch)
      .thenRefused('PRINT_NOT_READY');
    given(...atTheDoor, asked, prepared)
      .when(dispatch)
      .then(dispatched);
    given(...atTheDoor, asked, dispatched)
      .when(dispatch)
      .thenNothing();
    given(...atTheDoor, asked, dispatched)
      .when({ ...dispatch, trackingNumber: 'other' })
      .thenRefused('ALREADY_DISPATCHED');
    given(...atTheDoor)
      .when(dispatch)
      .thenRefused('UNKNOWN_PRINT_JOB');
    given(submitted()).when(dispatch).thenRefused('NOT_DEPOSITED');
  });

  it('does not dispatch another job with it, nor the first one again with the second', () => {
    const second: LetterEvent = {
      type: 'PrintRequested',
      data: { by: 'sender', job: 'job-2', agencyId, reference, at: at.alert },
      personal,
    };
    const first = { job: 'job-1', by: 'sender', status: 'dispatched', trackingNumber: '1A 123 456 7890 1' };
    expect(stateAfter([...atTheDoor, asked, dispatched, second])).toMatchObject({
      printJobs: [first, { job: 'job-2', by: 'sender', status: 'waiting' }],
    });
    const alsoDispatched: LetterEvent = {
      type: 'PrintDispatched',
      data: { job: 'job-2', trackingNumber: '2B', at: at.end },
    };
    expect(stateAfter([...atTheDoor, asked, dispatched, second, alsoDispatched])).toMatchObject({
      printJobs: [first, { job: 'job-2', status: 'dispatched', trackingNumber: '2B' }],
    });
  });
});

describe('archiving', () => {
  const archive: CommandOf<'archive'> = { type: 'archive', at: at.later };
  const reactivate: CommandOf<'reactivate'> = { type: 'reactivate', at: at.later };
  const archived: LetterEvent = { type: 'Archived', data: { at: at.later } };
  const reactivated: LetterEvent = { type: 'Reactivated', data: { at: at.later } };

  it('puts a letter away and takes it out, each once', () => {
    given(...atTheDoor)
      .when(archive)
      .then(archived);
    given(...atTheDoor, archived)
      .when(archive)
      .thenNothing();
    given(...atTheDoor, archived)
      .when(reactivate)
      .then(reactivated);
    given(...atTheDoor)
      .when(reactivate)
      .thenNothing();
    given(...atTheDoor, archived, reactivated)
      .when(archive)
      .then(archived);
  });

  it('needs a letter', () => {
    given().when(archive).thenRefused('UNKNOWN_LETTER');
    given().when(reactivate).thenRefused('UNKNOWN_LETTER');
  });

  it('changes nothing of the letter: an archived one is accepted as before', () => {
    given(...atTheDoor, archived)
      .when({ type: 'accept', session: browser, at: at.alert })
      .thenHappens('Accepted');
  });

  it('takes letters in any state', () => {
    given(submitted()).when(archive).thenHappens('Archived');
    given(submitted(), depositFailed).when(archive).thenHappens('Archived');
    given(...atTheDoor, refused)
      .when(archive)
      .thenHappens('Archived');
  });
});
