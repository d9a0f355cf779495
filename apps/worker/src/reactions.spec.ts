/**
 * mailparser mixes ES and CommonJS modules in a cycle, which Jest only bears when "import" is not forced upon CommonJS.
 * @jest-environment-options {"customExportConditions": ["source", "node"]}
 */
import 'reflect-metadata';
import { createHash, randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { simpleParser, type ParsedMail } from 'mailparser';
import { CommandTemplates, linkToken, otpCode, SaveTemplate, TemplatesOfAgency } from '#libs/commands';
import { EventContext, type CommandContext, type StoredEvent } from '#libs/event-store';
import type { EventOf, LetterCommandType, Recipient } from '#libs/letter';
import type { Sms } from '#libs/messaging';
import type { TemplateKind } from '#libs/templates';
import { projections } from '#projections/all';
import { CodeReaction } from './reactions/code.reaction.js';
import { DepositReaction } from './reactions/deposit.reaction.js';
import { InformationReaction } from './reactions/information.reaction.js';
import { LetterDesk } from './reactions/letter-desk.js';
import { NoticeReaction } from './reactions/notice.reaction.js';
import { TrialReaction } from './reactions/trial.reaction.js';
import { Press } from './press.js';
import { eventually } from './spec/eventually.js';
import { AGENCY, MAIL_DOMAIN, pdf, World } from './spec/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
  await world.startWorker();
});
afterAll(() => world.close());
beforeEach(() => {
  world.clock.shift = 0;
  jest.restoreAllMocks();
});

/** Printing takes longer than everything else: what comes after the deposit does not need it. */
async function withoutPrinting(): Promise<void> {
  const blank = await pdf();
  jest.spyOn(reaction(Press), 'acknowledgement').mockResolvedValue(blank);
  jest.spyOn(reaction(Press), 'proof').mockResolvedValue(blank);
}

/** Somebody of the agency. */
const asUser = (): CommandContext => {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor: 'user:spec' };
};

/** Nobody else's address. */
function recipient(): Recipient {
  const email = `${randomUUID().slice(0, 8)}@exemple.example`;
  return { civility: 'Monsieur et Madame', name: 'CHARPENTIER Jean Luc', email, mobile: '+33639980001' };
}

/** A reaction of the running worker. */
const reaction = <Reaction>(type: new (...args: never[]) => Reaction): Reaction => {
  if (!world.worker) throw new Error('The worker does not run.');
  return world.worker.get(type);
};

/** The worker dies once after an effect, before telling this to the letter. */
function dieOnceBefore(type: LetterCommandType): void {
  const desk = reaction(LetterDesk);
  const tell = desk.tell.bind(desk);
  let alive = true;
  jest.spyOn(desk, 'tell').mockImplementation(async (matter, command, purpose) => {
    if (alive && command.type === type) {
      alive = false;
      throw new Error('killed between effect and outcome');
    }
    return tell(matter, command, purpose);
  });
}

/** What came to an address, as a mail program shows it. */
const mailsTo = (address: string): Promise<ParsedMail[]> =>
  Promise.all(world.mail.to(address).map(({ raw }) => simpleParser(raw)));

/** The links to the ceremony in e-mails. */
const linksIn = (mails: readonly ParsedMail[]): (string | undefined)[] =>
  mails.map(({ text }) => /https:\/\/lre\.example\S+/.exec(text ?? '')?.[0]);

const PARIS = { timeZone: 'Europe/Paris' } as const;

/** The e-mails to the agency about one letter, but for the deposit proof. */
async function toAgency(letterId: string): Promise<ParsedMail[]> {
  const mails = await mailsTo(AGENCY.email);
  return mails.filter(({ messageId }) => messageId?.includes(letterId) && !messageId.includes('deposit-proof'));
}

/** A letter that waits for its recipient. */
async function notified(
  letter: Partial<Parameters<World['submit']>[0]> = {},
): Promise<{ letterId: string; to: Recipient }> {
  const to = letter.recipient ?? recipient();
  const letterId = await world.submit({ ...letter, recipient: to });
  await world.event(letterId, 'Notified');
  return { letterId, to };
}

/** A session that has gone as far as the Signer button. */
async function sign(letterId: string): Promise<void> {
  const at = new Date().toISOString();
  const session = randomUUID();
  await world.command(letterId, { type: 'accept', at, session });
  const signature = { packageNumber: '7AD0F7866F46', consent: 'fr-1', signatory: 'CHARPENTIER Jean Luc' };
  await world.command(letterId, { type: 'sign', at: new Date().toISOString(), session, ...signature });
}

describe('Submitted', () => {
  test('prints the acknowledgement, stores it under the key of the letter and confirms the deposit', async () => {
    const letterId = await world.submit({ recipient: recipient() });
    const { event, metadata } = await world.event(letterId, 'Deposited');
    const { sha256, size, pages } = event.data.acknowledgement;
    const key = (await world.stores.keyring.get(`letter-${letterId}`)).derive('documents');
    const bytes = await world.stores.documents.get(letterId, key, sha256);
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(bytes).toHaveLength(size);
    expect(pages).toBe(1);
    expect(metadata.actor).toBe('worker');
    const [submitted] = await world.events(letterId);
    expect(metadata.causationId).toBe(submitted?.id);
    expect(metadata.correlationId).toBe(submitted?.metadata.correlationId);
  });

  test('a document that is not in the store makes the deposit fail for good', async () => {
    const letterId = randomUUID();
    const absent = {
      name: 'Bail.pdf',
      sha256: createHash('sha256').update(letterId).digest('hex'),
      size: 12,
      pages: 1,
    };
    await world.command(letterId, {
      type: 'submit',
      at: new Date().toISOString(),
      agencyId: AGENCY.id,
      agencyCode: AGENCY.code,
      sender: { name: AGENCY.name, email: AGENCY.email },
      dossier: '001',
      partyCode: '40017',
      partyKind: 'tenant',
      professional: false,
      otp: false,
      retentionDays: 15,
      alertDays: 5,
      reference: `LRE_9998_${letterId}`,
      legalProfile: 'fr-cpce-2018',
      documents: [absent],
      recipient: recipient(),
    });
    const { event } = await world.event(letterId, 'DepositFailed');
    expect(event.data.reason).toBe('DOCUMENT_MISSING');
    expect(await world.story(letterId)).toEqual(['Submitted', 'DepositFailed']);
  });

  test('a crash before the deposit was told deposits once; a redelivery does nothing', async () => {
    dieOnceBefore('confirmDeposit');
    const { letterId } = await notified();
    const [submitted] = await world.events(letterId);
    await reaction(DepositReaction).submitted(
      submitted as StoredEvent,
      new EventContext([submitted as StoredEvent, 0]),
    );
    expect(await world.story(letterId)).toEqual(['Submitted', 'Deposited', 'Notified']);
  });
});

describe('Deposited and AddressCorrected', () => {
  beforeEach(withoutPrinting);

  test('the notice announces a letter, gives deadline and link, and tells nothing of the sender', async () => {
    const to = recipient();
    const letterId = await world.submit({ recipient: to });
    const { event } = await world.event(letterId, 'Notified');
    const [caught] = world.mail.to(to.email);
    const [mail] = await mailsTo(to.email);

    expect(mail?.subject).toBe('Une lettre recommandée électronique vous attend');
    expect(mail?.messageId).toBe(`<notice-1.${letterId}@${MAIL_DOMAIN}>`);
    expect(event.data.messageId).toBe(`notice-1.${letterId}@${MAIL_DOMAIN}`);
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
    const token = linkToken(await world.stores.keyring.get(`letter-${letterId}`), 1);
    const link = `https://lre.example/lre/${letterId}/${token}`;
    const lastSecond = new Date(Date.parse(event.data.windowEndsAt) - 1_000);
    const [day, time] = [lastSecond.toLocaleDateString('fr-FR', PARIS), lastSecond.toLocaleTimeString('fr-FR', PARIS)];
    expect(time).toBe('23:59:59');
    for (const part of [mail?.text, String(mail?.html)]) {
      expect(part).toContain('Bonjour Monsieur et Madame CHARPENTIER Jean Luc,');
      expect(part).toContain(link);
      expect(part).toContain(`${day} ${time}`);
      expect(part).toMatch(/service non qualifié/i);
    }
    expect(event.data.linkHash).toBe(createHash('sha256').update(token).digest('hex'));

    const whole = [caught?.raw, mail?.text, String(mail?.html), mail?.subject].join('\n');
    for (const word of ['latour', '9998', 'LRE_', 'RELANCE.pdf', '40017', AGENCY.id]) {
      expect(whole.toLowerCase()).not.toContain(word.toLowerCase());
    }
  });

  test('a permanent refusal is told to the agency; a corrected address gets a notice of its own', async () => {
    const to = recipient();
    world.mail.refuse(to.email, { code: 550, words: '5.1.1 No such user here' });
    const letterId = await world.submit({ recipient: to });
    const { event } = await world.event(letterId, 'NotificationFailed');
    expect(event.data).toMatchObject({ notice: 1, code: 550 });
    expect(event.personal?.response).toContain('No such user here');

    expect((await world.told(letterId, 'bounce')).data).toMatchObject({ party: 'agency', about: 'bounce' });
    const [bounce] = await toAgency(letterId);
    expect(bounce?.messageId).toBe(`<bounce-1.${letterId}@${MAIL_DOMAIN}>`);
    expect(bounce?.subject).toBe('Avis de lettre recommandée non remis – dossier 001 – destinataire 40017');
    expect(bounce?.text).toContain(to.email);
    expect(bounce?.text).toContain('550 5.1.1 No such user here');
    expect(bounce?.text).toContain(`https://agence.example/lettres/${letterId}`);

    const corrected = recipient().email;
    await world.command(letterId, { type: 'correctAddress', at: new Date().toISOString(), email: corrected });
    await world.event(letterId, 'Notified');
    const [mail] = await mailsTo(corrected);
    expect(mail?.messageId).toBe(`<notice-2.${letterId}@${MAIL_DOMAIN}>`);
    expect(world.mail.to(to.email)).toHaveLength(0);

    // The first notice is delivered to the reaction once more, long after it failed.
    const deposited = await world.event(letterId, 'Deposited');
    await reaction(NoticeReaction).deposited(deposited);
    expect(world.mail.to(corrected)).toHaveLength(1);
  });

  test('a mail system that is busy gets the notice later; it is notified once', async () => {
    const to = recipient();
    world.mail.refuse(to.email, { code: 451, words: '4.3.2 Try again later', times: 3 });
    const letterId = await world.submit({ recipient: to });
    await world.event(letterId, 'Notified');
    expect(world.mail.to(to.email)).toHaveLength(1);
    expect(await world.story(letterId)).toEqual(['Submitted', 'Deposited', 'Notified']);
  });

  test('a crash after the e-mail was taken sends the same message again; what was told is not sent once more', async () => {
    dieOnceBefore('confirmNotice');
    const { letterId, to } = await notified();
    const mails = await mailsTo(to.email);
    expect(mails.map(({ messageId }) => messageId)).toEqual(Array(2).fill(`<notice-1.${letterId}@${MAIL_DOMAIN}>`));
    expect(new Set(linksIn(mails)).size).toBe(1);

    await reaction(NoticeReaction).deposited(await world.event(letterId, 'Deposited'));
    expect(world.mail.to(to.email)).toHaveLength(2);
    expect(await world.story(letterId)).toEqual(['Submitted', 'Deposited', 'Notified']);
  });
});

describe('OtpRequested', () => {
  beforeEach(withoutPrinting);

  const ask = (letterId: string, session: string): Promise<unknown> => world.requestCode(letterId, session);
  const code = async (letterId: string, challenge: number): Promise<string> =>
    otpCode(await world.stores.keyring.get(`letter-${letterId}`), challenge);
  const sent = (letterId: string): Sms[] => world.sms.caught.filter(({ deliveryId }) => deliveryId.endsWith(letterId));

  test('the code of the challenge is sent to the mobile, in one SMS that names nobody', async () => {
    const { letterId, to } = await notified({ otp: true });
    await ask(letterId, 'a');
    const { event } = await world.event(letterId, 'OtpSent');
    const [sms, ...more] = sent(letterId);
    expect(more).toEqual([]);
    expect(sms).toMatchObject({ deliveryId: event.data.deliveryId, to: to.mobile });
    expect(sms?.text).toContain(await code(letterId, 1));
    expect(sms?.text.length).toBeLessThanOrEqual(160);
    expect(sms?.text).toMatch(/^[\w .:àéè]+$/);
    expect(sms?.text.toLowerCase()).not.toContain('latour');

    await reaction(CodeReaction).otpRequested(await world.event(letterId, 'OtpRequested'));
    expect(sent(letterId)).toHaveLength(1);
  });

  test('a number that the gateway refuses is told to the letter', async () => {
    const { letterId } = await notified({ otp: true });
    world.sms.answers.push(422);
    await ask(letterId, 'a');
    const { event } = await world.event(letterId, 'OtpFailed');
    expect(event.data).toMatchObject({ challenge: 1, reason: '422' });
    expect(sent(letterId)).toEqual([]);
  });

  test('a gateway that is away gets the message later, and a crash repeats it under the same delivery id', async () => {
    const { letterId } = await notified({ otp: true });
    world.sms.answers.push(503, 503);
    dieOnceBefore('confirmOtpSent');
    await ask(letterId, 'a');
    await world.event(letterId, 'OtpSent');
    expect(sent(letterId).map(({ deliveryId }) => deliveryId)).toEqual(Array(2).fill(`otp-1.${letterId}`));
    expect(await world.story(letterId)).toEqual(['Submitted', 'Deposited', 'Notified', 'OtpRequested', 'OtpSent']);
  });

  test('a code that has run out, or was replaced by a newer one, is not sent any more', async () => {
    const { letterId } = await notified({ otp: true });
    await world.stopWorker();
    await ask(letterId, 'a');
    const late = world.clock.shift + 60_000;
    await world.requestCode(letterId, 'b', late);
    await world.startWorker();
    await world.event(letterId, 'OtpSent');
    expect(sent(letterId).map(({ deliveryId }) => deliveryId)).toEqual([`otp-2.${letterId}`]);

    await world.stopWorker();
    await world.requestCode(letterId, 'a', 2 * 60_000);
    world.clock.shift = 13 * 60_000;
    await world.startWorker();
    const asked = await world.event(letterId, 'OtpRequested', 3);
    await reaction(CodeReaction).otpRequested(asked);
    expect(sent(letterId)).toHaveLength(1);
  });
});

describe('the agency’s own templates', () => {
  beforeEach(withoutPrinting);

  const save = (kind: TemplateKind, name: string, subject: string | undefined, body: string): Promise<unknown> =>
    world.commands.execute(new SaveTemplate(AGENCY, { kind, name, subject, body }, asUser()));

  test('a letter goes by those that it names; one that nobody has is refused', async () => {
    await save(
      'mail-signature',
      'COURT',
      'Bonjour {{destinataire}}',
      'Avant le {{dateLimite}} :\n\n[Signer]({{lien}})',
    );
    const { letterId, to } = await notified({ templates: { 'mail-signature': 'COURT' } });
    const [mail] = await mailsTo(to.email);
    expect(mail?.subject).toBe('Bonjour Monsieur et Madame CHARPENTIER Jean Luc');
    expect(mail?.text).toMatch(/Avant le [\s\S]+Signer :\nhttps:\/\/lre\.example/);
    expect(mail?.text).toMatch(/service non qualifié/i);
    const [submitted] = await world.events(letterId);
    expect(submitted?.event.data).toMatchObject({ templates: { 'mail-signature': 'COURT' } });
    await expect(
      world.submit({ recipient: recipient(), templates: { 'mail-refusal': 'COURT' } }),
    ).rejects.toMatchObject({
      code: 'UNKNOWN_TEMPLATE',
    });
  });

  test('one that breaks a rule when it is filled in gives way to the built-in one, and the agency is told once', async () => {
    // When it was saved the agency had another name.
    const template = {
      kind: 'mail-signature',
      name: 'ANCIEN',
      subject: 'Latour',
      body: 'Agence Latour {{lien}} {{dateLimite}}',
    };
    const before = { ...AGENCY, name: 'Autre', email: 'autre@exemple.example' };
    await world.commands.execute(new SaveTemplate(before, { ...template, kind: 'mail-signature' }, asUser()));
    for (let count = 0; count < 2; count += 1) {
      const { to } = await notified({ templates: { 'mail-signature': 'ANCIEN' } });
      expect((await mailsTo(to.email))[0]?.subject).toBe('Une lettre recommandée électronique vous attend');
    }
    const { events } = await world.queries.execute(new TemplatesOfAgency(AGENCY.id));
    const failures = events.map(({ event }) => event).filter(({ type }) => type === 'TemplateFailed');
    expect(failures).toEqual([
      expect.objectContaining({ data: expect.objectContaining({ name: 'ANCIEN', reason: 'SENDER_NAMED' }) }),
    ]);
  });

  test('the code goes by the default one', async () => {
    await save('sms-code', 'CODE', undefined, 'Code {{code}}');
    const choose = { type: 'chooseDefault', kind: 'sms-code', name: 'CODE' } as const;
    await world.commands.execute(new CommandTemplates(AGENCY.id, choose, asUser()));
    const { letterId } = await notified({ otp: true });
    await world.requestCode(letterId, 'a');
    await world.event(letterId, 'OtpSent');
    expect(world.sms.caught.find(({ deliveryId }) => deliveryId.endsWith(letterId))?.text).toMatch(/^Code \d{6}$/);
    const remove = { type: 'removeTemplate', kind: 'sms-code', name: 'CODE' } as const;
    await world.commands.execute(new CommandTemplates(AGENCY.id, remove, asUser()));
  });

  test('a trial comes once to whoever asked for it, filled in with the example', async () => {
    const to = recipient().email;
    const trial = randomUUID();
    const request = { type: 'requestTrial', kind: 'mail-refusal', name: 'PLI_LRE_REFUS', trial, to } as const;
    await world.commands.execute(new CommandTemplates(AGENCY.id, request, asUser()));
    const outcome = () => world.queries.execute(new TemplatesOfAgency(AGENCY.id));
    await eventually('the trial to be settled', async () =>
      (await outcome()).state.trials.find((one) => one.trial === trial && one.outcome === 'sent'),
    );
    const [mail, ...more] = await mailsTo(to);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe('[Essai] Lettre recommandée refusée – dossier 001 – destinataire 40017');
    expect(mail?.messageId).toBe(`<trial.${trial}@${MAIL_DOMAIN}>`);
    const { events } = await outcome();
    const asked = events.findLast(({ event }) => event.type === 'TrialRequested');
    await reaction(TrialReaction).trialRequested(asked as StoredEvent);
    expect(await mailsTo(to)).toHaveLength(1);
  });

  test('an address that is refused for good is told', async () => {
    const to = recipient().email;
    world.mail.refuse(to, { code: 550, words: '5.1.1 No such user here' });
    const trial = randomUUID();
    const request = { type: 'requestTrial', kind: 'mail-refusal', name: 'PLI_LRE_REFUS', trial, to } as const;
    await world.commands.execute(new CommandTemplates(AGENCY.id, request, asUser()));
    await eventually('the trial to have failed', async () => {
      const { state } = await world.queries.execute(new TemplatesOfAgency(AGENCY.id));
      return state.trials.find((one) => one.trial === trial && one.outcome === 'failed');
    });
  });
});

describe('the deposit', () => {
  beforeEach(withoutPrinting);

  test('is told to the agency with the fingerprints of what was deposited, once', async () => {
    const { letterId } = await notified();
    await world.told(letterId, 'deposit-proof');
    const proofs = async () =>
      (await mailsTo(AGENCY.email)).filter(
        ({ messageId }) => messageId === `<deposit-proof.${letterId}@${MAIL_DOMAIN}>`,
      );
    const [proof] = await proofs();
    const [submitted] = await world.events(letterId);
    const { documents, reference } = (submitted?.event as EventOf<'Submitted'>).data;
    expect(proof?.subject).toBe('Preuve de dépôt d’une lettre recommandée – dossier 001 – destinataire 40017');
    for (const words of [reference, 'LRE RELANCE.pdf', String(documents[0]?.sha256)])
      expect(proof?.text).toContain(words);
    await reaction(InformationReaction).deposited(await world.event(letterId, 'Deposited'));
    expect(await proofs()).toHaveLength(1);
  });
});

describe('the alert', () => {
  beforeEach(withoutPrinting);

  test('reminds the recipient once, with his link, and tells him nothing of the sender', async () => {
    const { letterId, to } = await notified();
    const { event } = await world.event(letterId, 'Notified');
    const at = new Date(Date.parse(event.data.windowEndsAt) - 4 * 86_400_000).toISOString();
    await world.command(letterId, { type: 'raiseAlert', at });
    expect((await world.told(letterId, 'notice-reminder')).data.party).toBe('recipient');
    expect((await world.told(letterId, 'alert')).data.party).toBe('agency');
    const [notice, reminder] = await mailsTo(to.email);
    expect(reminder?.subject).toBe('Rappel : une lettre recommandée électronique vous attend');
    expect(linksIn([reminder as ParsedMail])).toEqual(linksIn([notice as ParsedMail]));
    const whole = [world.mail.to(to.email)[1]?.raw, reminder?.text, String(reminder?.html)].join('\n');
    for (const word of ['latour', '9998', 'LRE_', 'RELANCE.pdf', '40017', AGENCY.id]) {
      expect(whole.toLowerCase()).not.toContain(word.toLowerCase());
    }
    await reaction(InformationReaction).alertRaised(await world.event(letterId, 'AlertRaised'));
    expect(world.mail.to(to.email)).toHaveLength(2);
  });
});

describe('the ends of a letter', () => {
  beforeEach(withoutPrinting);

  test('a refusal is told to the agency, once', async () => {
    const { letterId } = await notified();
    await world.command(letterId, { type: 'refuse', at: new Date().toISOString(), session: 'a' });
    expect((await world.told(letterId, 'refusal')).data.party).toBe('agency');
    const [mail] = await toAgency(letterId);
    expect(mail?.subject).toBe('Lettre recommandée refusée – dossier 001 – destinataire 40017');
    expect(mail?.text).toContain('Un locataire a refusé une lettre recommandée');
    expect(mail?.text).toContain(`https://agence.example/lettres/${letterId}`);

    await reaction(InformationReaction).refused(await world.event(letterId, 'Refused'));
    expect(await toAgency(letterId)).toHaveLength(1);
  });

  test('an expiry is told to the agency, as of an owner when it was to an owner', async () => {
    const { letterId } = await notified({ partyKind: 'owner' });
    const { event } = await world.event(letterId, 'Notified');
    await world.command(letterId, { type: 'expire', at: event.data.windowEndsAt });
    expect((await world.told(letterId, 'expiry')).data.party).toBe('agency');
    const [mail] = await toAgency(letterId);
    expect(mail?.subject).toBe('Lettre recommandée non réclamée – dossier 001 – destinataire 40017');
    expect(mail?.text).toContain('Un propriétaire n’a pas signé');
  });

  test('a signature is confirmed to the agency as in the manual, and the recipient gets a link to the documents', async () => {
    const { letterId, to } = await notified();
    await sign(letterId);
    await world.told(letterId, 'confirmation');
    await world.told(letterId, 'signed-documents');
    const [{ event: submitted } = { event: undefined }] = await world.events(letterId);
    const reference = submitted?.type === 'Submitted' ? submitted.data.reference : 'none';

    const [confirmation, ...more] = await toAgency(letterId);
    expect(more).toEqual([]);
    expect(confirmation?.subject).toBe('Lettre recommandée signée – dossier 001 – destinataire 40017');
    for (const line of ['Un locataire a signé un document', '001', '40017', reference, 'LRE RELANCE.pdf']) {
      expect(confirmation?.text).toContain(line);
    }
    const [notice, documents] = await mailsTo(to.email);
    expect(documents?.subject).toBe('Vos documents signés');
    expect(documents?.text).toContain('Les documents que vous avez signés sont disponibles.');
    expect(linksIn([documents as ParsedMail])).toEqual(linksIn([notice as ParsedMail]));
  });

  test('when one of the two cannot be told, the other is, and only the missing one is repeated', async () => {
    const { letterId, to } = await notified();
    await world.told(letterId, 'deposit-proof');
    world.mail.refuse(AGENCY.email, { code: 451, words: '4.3.2 Try again later', times: 2 });
    await sign(letterId);
    await world.told(letterId, 'confirmation');
    await world.told(letterId, 'signed-documents');
    expect((await mailsTo(to.email)).map(({ subject }) => subject).slice(1)).toEqual(['Vos documents signés']);
    expect(await toAgency(letterId)).toHaveLength(1);
    expect((await world.story(letterId)).slice(-2)).toEqual(['Informed', 'Informed']);
  });

  test('an agency address that is refused for good is told to the letter', async () => {
    const gone = `${randomUUID()}@latour.example`;
    world.mail.refuse(gone, { code: 550, words: '5.1.1 No such user here' });
    const { letterId } = await notified({ agency: { ...AGENCY, email: gone } });
    await sign(letterId);
    const failed = await world.told(letterId, 'confirmation');
    expect(failed).toMatchObject({ type: 'InformFailed', data: { party: 'agency', code: 550 } });
    expect(await world.told(letterId, 'deposit-proof')).toMatchObject({ type: 'InformFailed' });
    expect(await world.told(letterId, 'signed-documents')).toMatchObject({ type: 'Informed' });
  });

  test('an event that fails for good is parked with its reason, and replayed', async () => {
    const { letterId } = await notified();
    await world.told(letterId, 'deposit-proof');
    await world.stopWorker();
    await world.startWorker({ retries: { maxRetries: 2 } });
    jest.spyOn(reaction(LetterDesk), 'tell').mockRejectedValue(new Error('no room on the disk'));
    await world.command(letterId, { type: 'refuse', at: new Date().toISOString(), session: 'a' });
    const parked = await eventually(
      'a parked event',
      async () => (await world.stores.eventStore.parked('reactions'))[0],
    );
    expect(parked).toMatchObject({ event: { type: 'Refused', stream: `letter-${letterId}` } });
    expect(parked.reason).toContain('no room on the disk');
    expect(await readiness()).toMatchObject({ status: 'up', parkedReactions: 1 });

    jest.restoreAllMocks();
    await world.stores.eventStore.replayParked('reactions');
    await world.told(letterId, 'refusal');
    expect(await world.stores.eventStore.parked('reactions')).toEqual([]);
  });
});

/** What the worker answers a supervisor. */
async function readiness(): Promise<unknown> {
  const answer = await fetch(`${await world.worker?.getUrl()}/health/ready`);
  return answer.json();
}

test('the worker tells a supervisor how it is', async () => {
  const url = await world.worker?.getUrl();
  expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ status: 'up' });
  const ready = await eventually('read models that have caught up', async () => {
    const answer = (await readiness()) as { projections: { name: string; caughtUp: boolean }[] };
    return answer.projections.every(({ caughtUp }) => caughtUp) ? answer : undefined;
  });
  expect(ready).toMatchObject({ status: 'up', eventStore: true, mongodb: true, parkedReactions: 0 });
  expect(ready.projections.map(({ name }) => name)).toEqual(projections.map(({ name }) => name));
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
});

test('a reaction that is at work when the worker stops is finished and told', async () => {
  await withoutPrinting();
  const to = recipient();
  world.mail.pause(to.email, 300);
  const letterId = await world.submit({ recipient: to });
  await eventually('the e-mail to be under way', () => world.mail.to(to.email)[0]);
  await world.stopWorker();
  expect(await world.story(letterId)).toEqual(['Submitted', 'Deposited', 'Notified']);
  await world.startWorker();
  expect(world.mail.to(to.email)).toHaveLength(1);
});
