import { ConfigurationError } from '#libs/configuration';
import { letter, type LetterEvent, type LetterIn, type Recipient } from '#libs/letter';
import { templates, type TemplateEvent } from '#libs/templates';
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

const none = templates.initial;
const saved = (...events: readonly TemplateEvent[]) => events.reduce(templates.evolve, none);
const template = (data: {
  kind: 'mail-signature' | 'mail-confirmation';
  subject: string;
  body: string;
}): TemplateEvent => ({
  type: 'TemplateSaved',
  data: { agencyId: 'a', name: 'LATOUR', at: '2018-03-01T08:00:00.000Z', ...data },
});

const window = { windowEndsAt: '2018-04-04T22:00:00.000Z', token: 'token' };

test('the deadline is the last second of the last day in Paris, written as in the manual', () => {
  const { text, html } = new LetterMails(settings).notice(LETTER, deposited(), none, window).message;
  expect(text).toContain('La date limite de signature est fixée au 04/04/2018 23:59:59 (heure de Paris).');
  expect(html).toContain('04/04/2018 23:59:59');
});

test('the notice says that a code will come by SMS only when one will', () => {
  const mails = new LetterMails(settings);
  const { terms, ...others } = deposited();
  const withCode = mails.notice(LETTER, { ...others, terms: { ...terms, otp: true } }, none, window).message;
  expect(withCode.text).toContain('SMS');
  expect(mails.notice(LETTER, deposited(), none, window).message.text).not.toContain('SMS');
});

test('a qualified service names its entry in the trusted list, any other says that it is none', () => {
  const plain = new LetterMails(settings).notice(LETTER, deposited(), none, window).message;
  const qualified = new LetterMails({ ...settings, PLI_QUALIFICATION: 'Pli & Cie LRE' }).notice(
    LETTER,
    deposited(),
    none,
    window,
  ).message;
  for (const form of ['text', 'html'] as const) {
    expect(plain[form]).toContain('Service non qualifié');
    expect(qualified[form]).not.toContain('non qualifié');
  }
  expect(qualified.text).toContain('Service qualifié : Pli & Cie LRE');
  expect(qualified.html).toContain('Service qualifié : Pli &amp; Cie LRE');
});

test('a name is text in the HTML part and itself in the text part', () => {
  const { text, html } = new LetterMails(settings).notice(
    LETTER,
    deposited({ name: `<b>O'Neil</b>` }),
    none,
    window,
  ).message;
  expect(text).toContain(`M. et Mme <b>O'Neil</b>`);
  expect(html).not.toContain('<b>');
});

test('the same letter gives the same message, whatever else happened', () => {
  const mails = new LetterMails(settings);
  const later = { ...deposited(), archived: true, lastAt: '2018-03-21T08:00:00.000Z' };
  expect(mails.notice(LETTER, later, none, window)).toEqual(mails.notice(LETTER, deposited(), none, window));
});

describe('an agency that has templates of its own', () => {
  const mails = new LetterMails(settings);
  const own = template({
    kind: 'mail-signature',
    subject: 'À lire, {{destinataire}}',
    body: 'Avant le {{dateLimite}} : {{lien}}{{#if code}} avec un code{{/if}}',
  });
  const named = (name: string): Addressed<LetterIn<'deposited'>> => {
    const { terms, ...others } = deposited();
    return { ...others, terms: { ...terms, templates: { 'mail-signature': name } } };
  };

  test('has the one that the letter names, else its default, else the built-in one', () => {
    const chosen: TemplateEvent = {
      type: 'DefaultTemplateChosen',
      data: { agencyId: 'a', kind: 'mail-signature', name: 'LATOUR', at: '2018-03-01T08:00:00.000Z' },
    };
    const { message, unusable } = mails.notice(LETTER, named('LATOUR'), saved(own), window);
    expect(unusable).toBeNull();
    expect(message.subject).toBe('À lire, M. et Mme CHARPENTIER Jean Luc');
    expect(message.text).toContain(`Avant le 04/04/2018 23:59:59 : https://lre.example/lre/${LETTER}/token\n`);
    expect(mails.notice(LETTER, deposited(), saved(own, chosen), window).message).toEqual(message);
    const original = mails.notice(LETTER, deposited(), none, window);
    expect(mails.notice(LETTER, deposited(), saved(own), window)).toEqual(original);
    expect(mails.notice(LETTER, named('AUTRE'), saved(own), window)).toEqual(original);
  });

  test.each([
    ['SENDER_NAMED', 'De l’Agence LATOUR. {{dateLimite}} {{lien}}'],
    ['RENDERING_FAILED', '{{dateLimite}} {{lien}} {{expediteur}}'],
    ['RENDERING_FAILED', '{{#if code}}'],
  ])('gets the built-in text, and is told, when its own is %s', (reason, body) => {
    const faulty = template({ kind: 'mail-signature', subject: 'x', body });
    const { message, unusable } = mails.notice(LETTER, named('LATOUR'), saved(faulty), window);
    expect(unusable).toEqual({ kind: 'mail-signature', name: 'LATOUR', reason });
    expect(message).toEqual(mails.notice(LETTER, deposited(), none, window).message);
  });

  test('cannot break out of a line by what is filled in', () => {
    const hostile = deposited({ name: 'X\r\nBcc: y@z.example\n\n# Titre' });
    const { message } = mails.notice(LETTER, hostile, none, window);
    expect(message.text).toContain('Bonjour M. et Mme X Bcc: y@z.example # Titre,');
    const { terms, ...others } = hostile;
    const letter = { ...others, terms: { ...terms, templates: { 'mail-signature': 'LATOUR' } } };
    expect(mails.notice(LETTER, letter, saved(own), window).message.subject).not.toMatch(/[\r\n]/);
  });
});

test('the deposit proof tells the agency what was deposited, with its codes in the subject (manual V.4)', () => {
  const { terms, ...others } = deposited();
  const document = { sha256: 'c'.repeat(64), size: 1, pages: 1 };
  const letter = { ...others, terms: { ...terms, documents: [document] } };
  const { message } = new LetterMails(settings).depositProof(LETTER, letter, none);
  expect(message.to).toBe('info@latour.example');
  expect(message.subject).toBe('Preuve de dépôt d’une lettre recommandée – dossier 001 – destinataire 40017');
  for (const words of ['LRE_9998_001_20180320143707', '20/03/2018 14:36:07', 'LRE RELANCE', 'c'.repeat(64)]) {
    expect(message.text).toContain(words);
  }
});

test('the code is one SMS, in its own alphabet', () => {
  const { message } = new LetterMails(settings).code(deposited(), none, '123456');
  expect(message).toContain('123456');
  expect(message.length).toBeLessThanOrEqual(160);
});

test.each(['lre@', 'nobody', 'LRE <lre@pli.example>, other'])('%s is no address to send from', (from) => {
  expect(() => new LetterMails({ ...settings, PLI_MAIL_FROM: from })).toThrow(ConfigurationError);
});
