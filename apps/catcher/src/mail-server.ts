import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import { linksOf } from './links.js';
import type { Incoming } from './message.js';

/** Domains that answer as a mail system does when something is wrong with a recipient, so that it can be tried out. */
const REFUSED_FOR_GOOD = 'refus.example';
const PUT_OFF = 'plus-tard.example';

/** The largest mail that is taken, in bytes. */
const LARGEST = 40 * 1024 * 1024;

export interface MailServer {
  port: number;
  /** Takes no new mail and ends the open sessions. */
  close(): Promise<void>;
}

/**
 * Takes every mail over SMTP. The answer 250 is given when `keep` has returned.
 * @param keep keeps the mail, once for each recipient
 * @throws the error of `listen` when the port is not to be had
 */
export async function startMailServer(
  { host, port }: { host: string; port: number },
  keep: (mails: readonly Incoming[]) => unknown,
): Promise<MailServer> {
  const server = new SMTPServer({
    banner: 'Pli catcher',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: LARGEST,
    closeTimeout: 200,
    onRcptTo({ address }, _session, done) {
      done(objection(address));
    },
    onData(stream, { envelope }, done) {
      const from = envelope.mailFrom ? envelope.mailFrom.address : '';
      const recipients = envelope.rcptTo.map(({ address }) => address);
      receive(stream, from, recipients)
        .then((mails) => {
          if (stream.sizeExceeded) return done(reply(552, 'Message too big'));
          keep(mails);
          return done(null);
        })
        .catch(() => done(reply(451, 'The message could not be kept')));
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // A client that hangs up in mid-session is its own affair.
  server.on('error', () => undefined);
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** @returns the refusal that the recipient's domain stands for, or null */
function objection(address: string): Error | null {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  if (domain === REFUSED_FOR_GOOD) return reply(550, '5.1.1 No such mailbox here');
  if (domain === PUT_OFF) return reply(451, '4.3.0 Try again later');
  return null;
}

function reply(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}

async function receive(stream: SMTPServerDataStream, from: string, recipients: readonly string[]): Promise<Incoming[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const parsed = await simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
  const text = parsed.text ?? '';
  const html = parsed.html || null;
  const mail = {
    kind: 'mail',
    from: parsed.from?.text || from,
    subject: parsed.subject ?? '',
    text,
    html,
    links: linksOf(text, html),
    messageId: (parsed.messageId ?? '').replace(/^<|>$/g, ''),
    headers: headersOf(parsed),
    raw,
  } as const;
  return recipients.map((to) => ({ ...mail, to, links: [...mail.links] }));
}

function headersOf({ headerLines }: ParsedMail): string {
  return headerLines.map(({ line }) => line).join('\n');
}
