import { given, stateAfter } from './given.js';
import {
  acknowledgement,
  addressCorrected,
  at,
  atTheDoor,
  bounced,
  deposited,
  notified,
  rappel,
  recipient,
  submit,
  submitted,
} from './story.js';
import type { CommandOf } from '../commands.js';
import type { EventOf } from '../events.js';

const confirmDeposit: CommandOf<'confirmDeposit'> = { type: 'confirmDeposit', acknowledgement, at: at.deposit };
const failDeposit: CommandOf<'failDeposit'> = { type: 'failDeposit', reason: 'DOCUMENT_MISSING', at: at.deposit };
const depositFailed: EventOf<'DepositFailed'> = {
  type: 'DepositFailed',
  data: { reason: 'DOCUMENT_MISSING', at: at.deposit },
};
const confirmNotice: CommandOf<'confirmNotice'> = {
  type: 'confirmNotice',
  notice: 1,
  messageId: '<notice-1@pli>',
  linkHash: 'c'.repeat(64),
  at: at.notice,
};
const failNotice: CommandOf<'failNotice'> = {
  type: 'failNotice',
  notice: 1,
  messageId: '<notice-1@pli>',
  code: 550,
  response: '550 5.1.1 No such user',
  at: at.notice,
};
const correctAddress: CommandOf<'correctAddress'> = {
  type: 'correctAddress',
  email: 'jl.charpentier@example.fr',
  at: at.later,
};

describe('submitting a letter', () => {
  it('records the terms in public, people and document names apart', () => {
    given().when(submit()).then(submitted());
  });

  it('submits once when it is handed in twice, even later and under another reference', () => {
    given(submitted()).when(submit()).thenNothing();
    const again = submit({ at: at.later, reference: 'LRE_9998_001_20180321100000' });
    given(submitted()).when(again).thenNothing();
    given(...atTheDoor)
      .when(again)
      .thenNothing();
  });

  it.each([
    ['recipient', { recipient: { ...recipient, email: 'autre@example.fr' } }],
    ['document', { documents: [{ ...rappel, sha256: 'd'.repeat(64), name: 'Autre.pdf' }] }],
    ['number of documents', { documents: [] }],
    ['retention', { retentionDays: 30 }],
    ['dossier', { dossier: '002' }],
  ])('refuses another letter under the same identifier: another %s', (_what, changes) => {
    given(submitted()).when(submit(changes)).thenRefused('ALREADY_SUBMITTED');
  });

  it('refuses a legal profile that nobody knows', () => {
    given()
      .when(submit({ legalProfile: 'fr-cpce-1817' }))
      .thenRefused('UNKNOWN_LEGAL_PROFILE');
  });

  it('refuses a letter without a document', () => {
    given()
      .when(submit({ documents: [] }))
      .thenRefused('NO_DOCUMENT');
  });

  it('refuses the same document twice', () => {
    const documents = [
      { ...rappel, name: 'Rappel.pdf' },
      { ...rappel, name: 'Copie.pdf' },
    ];
    given().when(submit({ documents })).thenRefused('DOCUMENT_TWICE');
  });

  it('refuses OTP when the recipient has no mobile', () => {
    const { mobile: _mobile, ...withoutMobile } = recipient;
    given()
      .when(submit({ otp: true, recipient: withoutMobile }))
      .thenRefused('OTP_WITHOUT_MOBILE');
    given()
      .when(submit({ otp: false, recipient: withoutMobile }))
      .thenHappens('Submitted');
  });

  it('gives a recipient who is not a professional the whole fifteen days', () => {
    given()
      .when(submit({ retentionDays: 14 }))
      .thenRefused('RETENTION_TOO_SHORT');
    given()
      .when(submit({ retentionDays: 15 }))
      .thenHappens('Submitted');
    given()
      .when(submit({ retentionDays: 14, professional: true }))
      .thenHappens('Submitted');
  });

  it.each([0, -1, 15.5, 366, Number.NaN])('refuses a retention of %p days', (retentionDays) => {
    given()
      .when(submit({ retentionDays, professional: true }))
      .thenRefused('RETENTION_OUT_OF_RANGE');
  });

  it('lets the ceremony last up to a year', () => {
    given()
      .when(submit({ retentionDays: 365 }))
      .thenHappens('Submitted');
  });

  it.each([-1, 2.5, 15, 16])('refuses an alert %p days before the end of fifteen', (alertDays) => {
    given().when(submit({ alertDays })).thenRefused('ALERT_OUT_OF_RANGE');
  });

  it.each([0, 14])('takes an alert %p days before the end of fifteen', (alertDays) => {
    given().when(submit({ alertDays })).thenHappens('Submitted');
  });
});

describe('depositing it', () => {
  it('deposits it with its acknowledgement', () => {
    given(submitted()).when(confirmDeposit).then(deposited);
  });

  it('deposits it once', () => {
    given(submitted(), deposited).when(confirmDeposit).thenNothing();
    given(...atTheDoor)
      .when(confirmDeposit)
      .thenNothing();
  });

  it('refuses a second acknowledgement', () => {
    given(submitted(), deposited)
      .when({ ...confirmDeposit, acknowledgement: { ...acknowledgement, sha256: 'e'.repeat(64) } })
      .thenRefused('ALREADY_DEPOSITED');
  });

  it('records that the deposit failed, once', () => {
    given(submitted()).when(failDeposit).then(depositFailed);
    given(submitted(), depositFailed).when(failDeposit).thenNothing();
  });

  it('refuses a failure after the deposit, and a deposit after the failure', () => {
    given(submitted(), deposited).when(failDeposit).thenRefused('ALREADY_DEPOSITED');
    given(...atTheDoor)
      .when(failDeposit)
      .thenRefused('ALREADY_DEPOSITED');
    given(submitted(), depositFailed).when(confirmDeposit).thenRefused('DEPOSIT_FAILED');
  });

  it('refuses what concerns no letter', () => {
    given().when(confirmDeposit).thenRefused('UNKNOWN_LETTER');
    given().when(failDeposit).thenRefused('UNKNOWN_LETTER');
    given().when(confirmNotice).thenRefused('UNKNOWN_LETTER');
    given().when(failNotice).thenRefused('UNKNOWN_LETTER');
    given().when(correctAddress).thenRefused('UNKNOWN_LETTER');
  });
});

describe('notifying the recipient', () => {
  it('opens the window that the legal profile gives', () => {
    given(submitted(), deposited).when(confirmNotice).then(notified);
  });

  it('opens a longer window when a longer retention was asked for', () => {
    const windowEndsAt = '2018-04-19T22:00:00.000Z';
    given(submitted({ retentionDays: 30 }), deposited)
      .when(confirmNotice)
      .then({ type: 'Notified', data: { ...notified.data, windowEndsAt } });
  });

  it('notifies once', () => {
    given(...atTheDoor)
      .when(confirmNotice)
      .thenNothing();
  });

  it('refuses a notice of a letter that is not deposited', () => {
    given(submitted()).when(confirmNotice).thenRefused('NOT_DEPOSITED');
    given(submitted()).when(failNotice).thenRefused('NOT_DEPOSITED');
    given(submitted(), depositFailed).when(confirmNotice).thenRefused('DEPOSIT_FAILED');
    given(submitted(), depositFailed).when(failNotice).thenRefused('DEPOSIT_FAILED');
  });

  it('refuses a notice of a letter whose legal profile this version does not know', () => {
    given(submitted({ legalProfile: 'fr-cpce-2031' }), deposited)
      .when(confirmNotice)
      .thenRefused('UNKNOWN_LEGAL_PROFILE');
  });

  it('records that the mail system refused the notice, once', () => {
    given(submitted(), deposited).when(failNotice).then(bounced);
    given(submitted(), deposited, bounced).when(failNotice).thenNothing();
  });

  it('refuses a second outcome of the same notice, and the outcome of a notice that is not the one to send', () => {
    given(...atTheDoor)
      .when(failNotice)
      .thenRefused('NOTICE_SETTLED');
    given(...atTheDoor)
      .when({ ...confirmNotice, messageId: '<other@pli>' })
      .thenRefused('NOTICE_SETTLED');
    given(submitted(), deposited, bounced).when(confirmNotice).thenRefused('NOTICE_SETTLED');
    given(submitted(), deposited)
      .when({ ...confirmNotice, notice: 2 })
      .thenRefused('NOTICE_SETTLED');
    given(submitted(), deposited)
      .when({ ...failNotice, notice: 2 })
      .thenRefused('NOTICE_SETTLED');
    given(submitted(), deposited, bounced, addressCorrected).when(failNotice).thenRefused('NOTICE_SETTLED');
  });
});

describe('correcting an address that failed', () => {
  it('asks for another notice', () => {
    given(submitted(), deposited, bounced).when(correctAddress).then(addressCorrected);
  });

  it('corrects once', () => {
    given(submitted(), deposited, bounced, addressCorrected).when(correctAddress).thenNothing();
  });

  it('writes to the corrected address, and opens a whole new window', () => {
    const history = [submitted(), deposited, bounced, addressCorrected];
    expect(stateAfter(history)).toMatchObject({
      status: 'deposited',
      notice: 2,
      parties: { recipient: { email: 'jl.charpentier@example.fr', mobile: recipient.mobile } },
    });
    const second = { ...confirmNotice, notice: 2, messageId: '<notice-2@pli>', at: at.later };
    const data = { notice: 2, messageId: '<notice-2@pli>', linkHash: 'c'.repeat(64), at: at.later };
    given(...history)
      .when(second)
      .then({ type: 'Notified', data: { ...data, windowEndsAt: '2018-04-05T22:00:00.000Z' } });
  });

  it('refuses the address that has just failed', () => {
    given(submitted(), deposited, bounced)
      .when({ ...correctAddress, email: recipient.email })
      .thenRefused('ADDRESS_UNCHANGED');
  });

  it('refuses when no notice failed', () => {
    given(submitted(), deposited).when(correctAddress).thenRefused('NOTICE_NOT_FAILED');
    given(...atTheDoor)
      .when(correctAddress)
      .thenRefused('NOTICE_NOT_FAILED');
    given(submitted(), deposited)
      .when({ ...correctAddress, email: recipient.email })
      .thenRefused('NOTICE_NOT_FAILED');
    given(submitted()).when(correctAddress).thenRefused('NOT_DEPOSITED');
  });

  it('keeps nothing of people once the key of the letter is destroyed', () => {
    const { personal: _personal, ...erased } = submitted();
    expect(stateAfter([erased, deposited, bounced, addressCorrected])).toMatchObject({ parties: 'erased' });
  });
});
