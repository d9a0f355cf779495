/** One caught message, as programs get it from `/api/messages`. A mail to several recipients is one message for each of them. */
export type Message = Mail | Sms;

interface Caught {
  /** Grows with every message; it is never used twice. */
  id: number;
  to: string;
  text: string;
  /** Every http(s) address in the message, each once, in the order of appearance. */
  links: string[];
  /** 1 for the first message with this messageId or deliveryId to this recipient, 2 for the first double, and so on. */
  copy: number;
  /** ISO 8601 UTC with milliseconds. */
  receivedAt: string;
}

export interface Mail extends Caught {
  kind: 'mail';
  from: string;
  subject: string;
  html: string | null;
  /** Without angle brackets; empty when the mail bore none. */
  messageId: string;
}

export interface Sms extends Caught {
  kind: 'sms';
  from: null;
  subject: null;
  html: null;
  deliveryId: string;
}

/** What is known of a message before it is kept. `headers` and `raw` are what the mail looked like on the wire. */
export type Incoming =
  | (Omit<Mail, 'id' | 'copy' | 'receivedAt'> & { headers: string; raw: Buffer })
  | Omit<Sms, 'id' | 'copy' | 'receivedAt'>;

/** Which messages are asked for. Newest first. */
export interface Filter {
  /** Address or number, whole, whatever its case. */
  to?: string;
  kind?: Message['kind'];
  /** ISO 8601 instant: messages received then or later. */
  since?: string;
  /** Messages older than this one. */
  before?: number | undefined;
  limit: number;
}
