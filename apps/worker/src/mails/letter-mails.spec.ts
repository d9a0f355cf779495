import { ConfigurationError } from '#libs/configuration';
import { letter, type LetterEvent, type LetterIn, type Recipient } from '#libs/letter';
import { LetterMails, type Addressed } from './letter-mails.js';

const LETTER = '0199f0c4-7a50-7cc1-9d3e-1f2a3b4c5d6e';
const settings = {
  PLI_MAIL_FROM: 'LRE <lre@pli.example>',
  PLI_AGENCY_URL: 'https://agence.example',
  PLI_CEREMONY_URL: 'https://lre.example',
};

/** The letter of the manual (V), deposited and not yet notified. */
function deposited(recipient: Partial<Recipient> = {}): Addressed<LetterIn<'deposited'>> {
  const at = '2018-03-20T13:36:07.000Z';
  const reference = 'LRE_9998_001_20180320143707';
  const legalProfile = 'fr-cpce-2018';
  const submission: LetterEvent = {
    type: 'Submitted',
    data: {
      agencyId: 'a',
      agencyCode: '9998',
      dossier: '001',
      partyCode: '40017',
      partyKind: 'tenant',
      reference,
      legalProfile,
      professional: false,
      otp: false,
      retentionDays: 15,
      alertDays: 5,
      documents: [],
      at,
    },
    personal: {
      sender: { name: 'Agence Latour', email: 'info@latour.example' },
      recipient: { civility: 'M. et Mme', name: 'CHARPENTIER Jean Luc', email: 'jl@exemple.example', ...recipient },
      documentNames: ['LRE RELANCE'],
    },
  };
  const acknowledgement = { sha256: 'a'.repeat(64), size: 1, pages: 1 };
  const deposit: LetterEvent = {
    type: 'Deposited',
    data: { reference, legalProfile, acknowledgement, documents: [], at },
  };
  return letter.evolve(letter.evolve(letter.initial, submission), deposit) as Addressed<LetterIn<'deposited'>>;
}

const window = { windowEndsAt: '2018-04-04T22:00:00.000Z', token: 'token' };

test('the deadline is the last second of the last day in Paris, written as in the manual', () => {
  const { text, html } = new LetterMails(settings).notice(LETTER, deposited(), window);
  expect(text).toContain('La date limite de signature est fixée au 04/04/2018 23:59:59 (heure de Paris).');
  expect(html).toContain('04/04/2018 23:59:59');
});

test('the notice says that a code will come by SMS only when one will', () => {
  const mails = new LetterMails(settings);
  const { terms, ...others } = deposited();
  const withCode = mails.notice(LETTER, { ...others, terms: { ...terms, otp: true } }, window);
  expect(withCode.text).toContain('SMS');
  expect(mails.notice(LETTER, deposited(), window).text).not.toContain('SMS');
});

test('a qualified service names its entry in the trusted list, any other says that it is none', () => {
  const plain = new LetterMails(settings).notice(LETTER, deposited(), window);
  const qualified = new LetterMails({ ...settings, PLI_QUALIFICATION: 'Pli & Cie LRE' }).notice(
    LETTER,
    deposited(),
    window,
  );
  for (const form of ['text', 'html'] as const) {
    expect(plain[form]).toContain('Service non qualifié');
    expect(qualified[form]).not.toContain('non qualifié');
  }
  expect(qualified.text).toContain('Service qualifié : Pli & Cie LRE');
  expect(qualified.html).toContain('Service qualifié : Pli &amp; Cie LRE');
});

test('a name is text in the HTML part and itself in the text part', () => {
  const { text, html } = new LetterMails(settings).notice(LETTER, deposited({ name: `<b>O'Neil</b>` }), window);
  expect(text).toContain(`M. et Mme <b>O'Neil</b>`);
  expect(html).not.toContain('<b>');
});

test('the same letter gives the same message, whatever else happened', () => {
  const mails = new LetterMails(settings);
  const later = { ...deposited(), archived: true, lastAt: '2018-03-21T08:00:00.000Z' };
  expect(mails.notice(LETTER, later, window)).toEqual(mails.notice(LETTER, deposited(), window));
});

test.each(['lre@', 'nobody', 'LRE <lre@pli.example>, other'])('%s is no address to send from', (from) => {
  expect(() => new LetterMails({ ...settings, PLI_MAIL_FROM: from })).toThrow(ConfigurationError);
});
