import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A message as it came over the wire. */
export interface CaughtMail {
  readonly to: string;
  readonly raw: string;
}

/** An SMTP reply other than 250, for the next messages to an address. */
export interface Refusal {
  readonly code: number;
  readonly words: string;
  /** How often; for ever when absent. */
  readonly times?: number;
}

/** A real SMTP server whose answers a spec sets by recipient. */
export class MailServer {
  readonly caught: CaughtMail[] = [];
  private readonly refusals = new Map<string, { code: number; words: string; left: number }>();
  private readonly pauses = new Map<string, number>();
  private readonly server: SMTPServer;

  private constructor() {
    this.server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      onRcptTo: ({ address }, _session, done) => done(this.refusalFor(address)),
      onData: (stream, session, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => {
          const raw = Buffer.concat(parts).toString('utf8');
          for (const { address } of session.envelope.rcptTo) this.caught.push({ to: address, raw });
          setTimeout(done, this.pauses.get(session.envelope.rcptTo[0]?.address ?? '') ?? 0);
        });
      },
    });
    this.server.on('error', () => undefined);
  }

  static async start(): Promise<MailServer> {
    const mail = new MailServer();
    mail.server.listen(0, '127.0.0.1');
    await once(mail.server.server, 'listening');
    return mail;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  refuse(address: string, { code, words, times = Infinity }: Refusal): void {
    this.refusals.set(address, { code, words, left: times });
  }

  /** Lets whoever sends to an address wait for so many milliseconds before the message counts as taken. */
  pause(address: string, milliseconds: number): void {
    this.pauses.set(address, milliseconds);
  }

  to(address: string): CaughtMail[] {
    return this.caught.filter((mail) => mail.to === address);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private refusalFor(address: string): Error | null {
    const refusal = this.refusals.get(address);
    if (!refusal || refusal.left <= 0) return null;
    refusal.left -= 1;
    return Object.assign(new Error(refusal.words), { responseCode: refusal.code });
  }
}
