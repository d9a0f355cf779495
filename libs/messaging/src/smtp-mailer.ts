import { createTransport } from 'nodemailer';
import type { Mail, Mailer, MailOutcome } from './mailer.js';
import { MailUnavailable } from './mailer.js';
import { serviceAddress } from './misconfigured.js';
import { outsideWords } from './outside-words.js';

export interface SmtpMailerOptions {
  /** `smtp://[user:password@]host[:port]` or `smtps://…` */
  url: string;
  /** How many connections are kept open at most. Default 4. */
  connections?: number;
  /** Milliseconds to wait for the connection, the greeting, and each answer. A whole message gets three times that. Default 20 000. */
  timeoutMs?: number;
}

/** What nodemailer tells of a failure (its `lib/errors`). */
interface SmtpFailure {
  code?: string;
  command?: string;
  responseCode?: number;
  response?: string;
}

/** Replies about our session, not about the recipient: RFC 5321 §4.2.3 (syntax, sequence) and RFC 4954 §6 (authentication). */
const ABOUT_THE_SESSION: ReadonlySet<number> = new Set([500, 502, 503, 504, 530, 534, 535, 538]);

/** "Mailbox name not allowed", RFC 5321 §4.2.3: the code for an address which no SMTP command can carry. */
const MAILBOX_NAME_NOT_ALLOWED = 553;

/** Mailer over SMTP with a pool of connections. */
export class SmtpMailer implements Mailer {
  private readonly transport;
  private readonly deadlineMs: number;

  /** @throws MessagingMisconfigured when `url` is not an SMTP address */
  constructor({ url, connections = 4, timeoutMs = 20_000 }: SmtpMailerOptions) {
    serviceAddress(url, 'mail system (SMTP_URL)', ['smtp:', 'smtps:']);
    this.deadlineMs = 3 * timeoutMs;
    this.transport = createTransport({
      pool: true,
      url,
      maxConnections: connections,
      maxRequeues: 1,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send(mail: Mail): Promise<MailOutcome> {
    if (!isOneAddress(mail.to)) {
      return {
        outcome: 'refused',
        code: MAILBOX_NAME_NOT_ALLOWED,
        response: 'The recipient is not one e-mail address.',
      };
    }
    try {
      await this.transport.sendMail({
        messageId: `<${mail.messageId}>`,
        from: mail.from,
        to: { name: '', address: mail.to },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        xMailer: false,
        // RFC 3834 §5: keeps holiday notices and other responders from answering.
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.timeout(this.deadlineMs),
      });
      return { outcome: 'accepted' };
    } catch (error) {
      return judge(error as SmtpFailure, mail);
    }
  }

  close(): Promise<void> {
    this.transport.close({ force: true });
    return Promise.resolve();
  }
}

/** nodemailer reads lists, groups and display names into several recipients: only one bare address may get that far. */
function isOneAddress(address: string): boolean {
  return /^[^\s\p{Cc}"<>()[\]\\,;:@]+@[^\s\p{Cc}"<>()\\,;@]+$/u.test(address);
}

/**
 * A reply 5xx to RCPT TO or DATA is about this recipient or message and final. Everything else (4xx, no connection, no answer,
 * no log-in, our sender address refused) can be mended while the message waits.
 */
function judge(failure: SmtpFailure, mail: Mail): MailOutcome {
  const { command, responseCode = 0, response = '' } = failure;
  const words = outsideWords(response, mail.text, mail.html);
  const aboutTheRecipient = command === 'RCPT TO' || command === 'DATA';
  if (aboutTheRecipient && responseCode >= 500 && !ABOUT_THE_SESSION.has(responseCode)) {
    return { outcome: 'refused', code: responseCode, response: words };
  }
  // The failure itself is not passed on as a cause: its text quotes the server, and the server may quote the message.
  throw new MailUnavailable(mail.messageId, [failure.code ?? 'no answer', words].filter(Boolean).join(', '));
}
