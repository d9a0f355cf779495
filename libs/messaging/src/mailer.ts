/** One e-mail to one recipient. */
export interface Mail {
  /** Message-ID of RFC 5322 §3.6.4 without its angle brackets; the same on every retry, so that doubles can be told. */
  messageId: string;
  /** Mailbox of the sender, `name@domain` or `Display name <name@domain>`. */
  from: string;
  /** Bare address of the one recipient, `name@domain`. */
  to: string;
  subject: string;
  text: string;
  html: string;
}

/**
 * `accepted`: the mail system took the message over. `refused`: it will never take it for this recipient; `code` is the
 * SMTP reply code (RFC 5321 §4.2.3, 500-599) and `response` the system's words, freed of links and codes, 500 characters at most.
 */
export type MailOutcome = { outcome: 'accepted' } | { outcome: 'refused'; code: number; response: string };

/** The port through which the product sends e-mail. */
export interface Mailer {
  /**
   * Hands one message to the mail system, at least once: after MailUnavailable the message may have been taken or not.
   * @throws MailUnavailable when sending the same message again later is worth it
   */
  send(mail: Mail): Promise<MailOutcome>;
  /** Ends every connection. A message still under way fails with MailUnavailable. */
  close(): Promise<void>;
}

/** The mail system is away, slow, busy, or does not let us in. Nothing is known to be wrong with the message. */
export class MailUnavailable extends Error {
  readonly code = 'MAIL_UNAVAILABLE';

  /**
   * @param messageId of the message that was not taken
   * @param reason what went wrong, free of secrets: an error code or the mail system's reply
   */
  constructor(
    readonly messageId: string,
    readonly reason: string,
  ) {
    super(
      `The mail system did not take message <${messageId}> (${reason}). Send the same message again later; if it goes on, check that the mail system runs and that SMTP_URL names it.`,
    );
    this.name = 'MailUnavailable';
  }
}
