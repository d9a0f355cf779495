/**
 * mailparser mixes ES and CommonJS modules in a cycle, which Jest only bears when "import" is not forced upon CommonJS.
 * @jest-environment-options {"customExportConditions": ["source", "node"]}
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { MailUnavailable, MessagingMisconfigured, SmtpMailer, type Mail } from './index.js';

const SECRET = 'hLw0c7l3sB1qJx5u9ZkT2v8Yd4fRaN6oPm_gE-iWtXc';
const mail: Mail = {
  messageId: 'letter-1.notice-1@pli.example',
  from: 'Pli <pli@agence.example>',
  to: 'jean-luc@locataire.example',
  subject: 'Lettre recommandée électronique — à signer',
  text: `Bonjour,\n\nhttps://pli.example/lre/1/${SECRET}\n`,
  html: `<p>Bonjour, <a href="https://pli.example/lre/1/${SECRET}">signez ici</a></p>`,
};

interface Received {
  envelope: { from: string; to: string[] };
  parsed: ParsedMail;
  connection: string;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const portOf = (server: Server) => (server.address() as AddressInfo).port;

function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

async function mailSystem(scripted: SMTPServerOptions = {}): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 1,
    onData(stream, session, done) {
      void simpleParser(stream).then((parsed) => {
        const { mailFrom, rcptTo } = session.envelope;
        const envelope = { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) };
        received.push({ envelope, parsed, connection: session.id });
        done();
      });
    },
    ...scripted,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise<void>((resolve) => server.close(resolve)));
  return { url: `smtp://127.0.0.1:${portOf(server.server)}`, received };
}

/** A mail system that speaks line by line: `answer` gets what the client said ('' for the greeting). */
async function rawMailSystem(answer: (line: string, socket: Socket) => string | undefined): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const say = (line: string) => {
      const words = answer(line, socket);
      if (words !== undefined && !socket.destroyed) socket.write(`${words}\r\n`);
    };
    say('');
    socket.on('data', (data) => data.toString().split('\r\n').filter(Boolean).forEach(say));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    sockets.forEach((socket) => socket.destroy());
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `smtp://127.0.0.1:${portOf(server)}`;
}

function mailer(url: string, timeoutMs = 3_000): SmtpMailer {
  const made = new SmtpMailer({ url, timeoutMs, connections: 2 });
  closers.push(() => made.close());
  return made;
}

async function failure(sending: Promise<unknown>): Promise<MailUnavailable> {
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MailUnavailable);
  return error as MailUnavailable;
}

describe('the Mailer contract, kept by SmtpMailer', () => {
  it('hands the message over as it was given', async () => {
    const { url, received } = await mailSystem();
    await expect(mailer(url).send(mail)).resolves.toEqual({ outcome: 'accepted' });
    expect(received).toHaveLength(1);
    const [{ envelope, parsed }] = received as [Received];
    expect(envelope).toEqual({ from: 'pli@agence.example', to: ['jean-luc@locataire.example'] });
    expect(parsed.messageId).toBe('<letter-1.notice-1@pli.example>');
    expect(parsed.subject).toBe(mail.subject);
    expect(parsed.from?.text).toBe('"Pli" <pli@agence.example>');
    expect(parsed.text?.trim()).toBe(mail.text.trim());
    expect(parsed.html).toBe(mail.html);
    expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(parsed.headers.has('x-mailer')).toBe(false);
  });

  it('keeps the Message-ID when the same message is sent again', async () => {
    const { url, received } = await mailSystem();
    const sender = mailer(url);
    await sender.send(mail);
    await sender.send(mail);
    expect(received.map(({ parsed }) => parsed.messageId)).toEqual([`<${mail.messageId}>`, `<${mail.messageId}>`]);
  });

  it('sends many messages over few connections', async () => {
    const { url, received } = await mailSystem();
    const sender = mailer(url);
    await Promise.all(Array.from({ length: 12 }, (_, n) => sender.send({ ...mail, messageId: `m${n}@pli.example` })));
    expect(new Set(received.map(({ parsed }) => parsed.messageId)).size).toBe(12);
    expect(new Set(received.map(({ connection }) => connection)).size).toBeLessThanOrEqual(2);
  });

  it('reports a recipient refused for good, and goes on working', async () => {
    const { url, received } = await mailSystem({
      onRcptTo({ address }, _session, done) {
        done(address.startsWith('inconnu') ? reply(550, '5.1.1 no such mailbox') : null);
      },
    });
    const sender = mailer(url);
    const outcome = await sender.send({ ...mail, to: 'inconnu@locataire.example' });
    expect(outcome).toEqual({ outcome: 'refused', code: 550, response: '550 5.1.1 no such mailbox' });
    await expect(sender.send(mail)).resolves.toEqual({ outcome: 'accepted' });
    expect(received).toHaveLength(1);
  });

  it('reports a message refused for good after its content', async () => {
    const { url } = await mailSystem({
      onData(stream, _session, done) {
        stream.on('end', () => done(reply(552, '5.3.4 message too big'))).resume();
      },
    });
    const outcome = await mailer(url).send(mail);
    expect(outcome).toEqual({ outcome: 'refused', code: 552, response: '552 5.3.4 message too big' });
  });

  it.each([
    'a@b.example, c@d.example',
    'Jean <a@b.example>',
    'a@b.example\r\nRCPT TO:<c@d.example>',
    'a b@c.example',
    '',
  ])('never lets %j become another recipient', async (to) => {
    const { url, received } = await mailSystem();
    const outcome = await mailer(url).send({ ...mail, to });
    expect(outcome).toMatchObject({ outcome: 'refused', code: 553 });
    expect(received).toHaveLength(0);
  });

  it('keeps a hostile subject inside its header', async () => {
    const { url, received } = await mailSystem();
    await mailer(url).send({ ...mail, subject: 'Bonjour\r\nBcc: autre@x.example\r\n\r\nfaux corps' });
    const [{ envelope, parsed }] = received as [Received];
    expect(envelope.to).toEqual([mail.to]);
    expect(parsed.bcc).toBeUndefined();
    expect(parsed.html).toBe(mail.html);
  });
});

describe('the Mailer contract: what is worth sending again', () => {
  it.each([
    ['a recipient put off', { onRcptTo: (_a, _s, done) => done(reply(451, '4.2.1 later')) }, '451 4.2.1 later'],
    [
      'a content put off',
      { onData: (stream, _s, done) => void stream.on('end', () => done(reply(452, '4.3.1 disk full'))).resume() },
      '452 4.3.1 disk full',
    ],
    ['our own sender refused', { onMailFrom: (_a, _s, done) => done(reply(550, '5.7.1 who are you')) }, '550 5.7.1'],
    ['a log-in asked for', { onRcptTo: (_a, _s, done) => done(reply(530, '5.7.0 log in first')) }, '530 5.7.0'],
    ['a service refused at the door', { onConnect: (_s, done) => done(reply(554, 'no service here')) }, '554'],
  ] satisfies [string, SMTPServerOptions, string][])('%s', async (_case, scripted, words) => {
    const { url } = await mailSystem(scripted);
    const error = await failure(mailer(url).send(mail));
    expect(error).toMatchObject({ code: 'MAIL_UNAVAILABLE', messageId: mail.messageId });
    expect(error.reason).toContain(words);
  });

  it('nobody listening', async () => {
    const { url } = await mailSystem();
    await closers.pop()?.();
    expect((await failure(mailer(url).send(mail))).reason).toMatch(/ESOCKET|ECONN/);
  });

  it('a connection dropped in the middle', async () => {
    const url = await rawMailSystem((line, socket) => {
      if (/^(EHLO|HELO|MAIL)/.test(line)) return '250 ok';
      if (line === '') return '220 ready';
      socket.destroy();
      return undefined;
    });
    await failure(mailer(url).send(mail));
  });

  it('a mail system that takes the connection and stays silent', async () => {
    const url = await rawMailSystem(() => undefined);
    expect((await failure(mailer(url, 200).send(mail))).reason).toContain('ETIMEDOUT');
  });

  it('a mail system that keeps every single time-out but never comes to an end', async () => {
    const url = await rawMailSystem((line, socket) => {
      if (line === '') {
        const drip = setInterval(() => socket.write('220-wait\r\n'), 50);
        socket.on('close', () => clearInterval(drip));
      }
      return undefined;
    });
    await failure(mailer(url, 200).send(mail));
  });

  it('a mailer closed in the middle', async () => {
    const url = await rawMailSystem((line) => (line === '' ? '220 ready' : undefined));
    const sender = mailer(url);
    const sending = failure(sender.send(mail));
    await sender.close();
    await sending;
  });
});

describe('what SmtpMailer never tells', () => {
  it('links and codes that the mail system quotes', async () => {
    const { url } = await mailSystem({
      onData(stream, _session, done) {
        stream
          .on('end', () =>
            done(reply(554, `5.7.1 spam: https://pli.example/lre/1/${SECRET} token ${SECRET}, code 483920`)),
          )
          .resume();
      },
    });
    const outcome = await mailer(url).send({ ...mail, text: `${mail.text} code 483920` });
    expect(outcome).toEqual({ outcome: 'refused', code: 554, response: '554 5.7.1 spam: […] token […], code […]' });
  });

  it('the same in an error, nor the body, nor the password of SMTP_URL', async () => {
    const { url } = await mailSystem({ onRcptTo: (_a, _s, done) => done(reply(451, `4.7.1 ${SECRET}`)) });
    const withPassword = url.replace('smtp://', 'smtp://pli:mot-de-passe@');
    const shown = inspect(await failure(mailer(withPassword).send(mail)), { depth: 9, showHidden: true });
    for (const secret of [SECRET, 'Bonjour', 'mot-de-passe']) expect(shown).not.toContain(secret);
  });

  it('an SMTP_URL that is wrong, password and all', () => {
    for (const url of ['http://pli:mot-de-passe@x', 'mot-de-passe', 'smtp://']) {
      expect(() => new SmtpMailer({ url })).toThrow(MessagingMisconfigured);
      expect(() => new SmtpMailer({ url })).not.toThrow(/mot-de-passe/);
    }
  });
});
