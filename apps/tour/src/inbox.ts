import { until } from './waiting.js';

/** A caught e-mail or SMS. */
export interface Caught {
  readonly kind: 'mail' | 'sms';
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly links: readonly string[];
  readonly messageId: string | null;
}

/** What the local catcher has caught: every e-mail and SMS of the instance. */
export class Inbox {
  constructor(private readonly origin: string) {}

  async messages(kind: 'mail' | 'sms', to: string): Promise<Caught[]> {
    const query = new URLSearchParams({ kind, to });
    const answer = await fetch(`${this.origin}/api/messages?${query.toString()}`);
    return ((await answer.json()) as { messages: Caught[] }).messages;
  }

  /** Waits for an e-mail to this address whose subject or text holds `about`. */
  mail(to: string, about: string): Promise<Caught> {
    return until(`an e-mail to ${to} about « ${about} »`, async () =>
      (await this.messages('mail', to)).find(({ subject, text }) => `${subject}\n${text}`.includes(about)),
    );
  }

  /** Waits for the n-th SMS to this number (1 for the first) and answers the six digits in it. */
  code(mobile: string, count: number): Promise<string> {
    return until(`SMS number ${count} to ${mobile}`, async () => {
      const messages = await this.messages('sms', mobile);
      // Newest first.
      return /\b\d{6}\b/.exec(messages.at(-count)?.text ?? '')?.[0];
    });
  }
}
