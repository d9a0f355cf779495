import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Filter, Incoming, Message } from './message.js';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('mail', 'sms')),
    recipient TEXT NOT NULL COLLATE NOCASE,
    reference TEXT NOT NULL,
    copy INTEGER NOT NULL,
    sender TEXT,
    subject TEXT,
    text TEXT NOT NULL,
    html TEXT,
    links TEXT NOT NULL,
    headers TEXT,
    raw BLOB,
    received_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_by_recipient ON messages (recipient, id);
  CREATE INDEX IF NOT EXISTS messages_by_reference ON messages (reference, recipient);
`;

const COLUMNS = 'id, kind, recipient, reference, copy, sender, subject, text, html, links, received_at';

/** One row without its headers and source. */
interface Row {
  id: number;
  kind: Message['kind'];
  recipient: string;
  reference: string;
  copy: number;
  sender: string | null;
  subject: string | null;
  text: string;
  html: string | null;
  links: string;
  received_at: string;
}

/** What was caught, in one SQLite file. A message that `add` has returned survives a SIGKILL and a power cut. */
export class MessageStore {
  private readonly database: DatabaseSync;

  /** @param folder is made when absent; the file in it is `messages.sqlite` */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.database = new DatabaseSync(join(folder, 'messages.sqlite'));
    this.database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;');
    this.database.exec(SCHEMA);
  }

  /** Keeps messages, all or none, and answers with them as kept. */
  add(incoming: readonly Incoming[]): Message[] {
    const receivedAt = new Date().toISOString();
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const kept = incoming.map((message) => this.insert(message, receivedAt));
      this.database.exec('COMMIT');
      return kept;
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  private insert(message: Incoming, receivedAt: string): Message {
    const reference = message.kind === 'mail' ? message.messageId : message.deliveryId;
    const wire = message.kind === 'mail' ? message : { headers: null, raw: null };
    const row = this.database
      .prepare(
        `INSERT INTO messages (kind, recipient, reference, copy, sender, subject, text, html, links, headers, raw, received_at)
         VALUES ($kind, $recipient, $reference,
           1 + (SELECT count(*) FROM messages WHERE reference = $reference AND recipient = $recipient AND $reference <> ''),
           $sender, $subject, $text, $html, $links, $headers, $raw, $receivedAt)
         RETURNING ${COLUMNS}`,
      )
      .get({
        $kind: message.kind,
        $recipient: message.to,
        $reference: reference,
        $sender: message.from,
        $subject: message.subject,
        $text: message.text,
        $html: message.html,
        $links: JSON.stringify(message.links),
        $headers: wire.headers,
        $raw: wire.raw,
        $receivedAt: receivedAt,
      });
    return messageOf(row as unknown as Row);
  }

  /** The newest messages that pass the filter, newest first. */
  list(filter: Filter): Message[] {
    const { conditions, values } = conditionsOf(filter);
    const rows = this.database
      .prepare(`SELECT ${COLUMNS} FROM messages ${conditions} ORDER BY id DESC LIMIT ?`)
      .all(...values, filter.limit);
    return (rows as unknown as Row[]).map(messageOf);
  }

  /** How many messages pass the filter, whatever its limit. */
  count(filter: Filter): number {
    const { conditions, values } = conditionsOf(filter);
    const row = this.database.prepare(`SELECT count(*) AS n FROM messages ${conditions}`).get(...values);
    return Number(row?.n);
  }

  get(id: number): Message | undefined {
    const row = this.database.prepare(`SELECT ${COLUMNS} FROM messages WHERE id = ?`).get(id);
    return row && messageOf(row as unknown as Row);
  }

  /** A mail as it came over the wire; undefined for an SMS or an unknown id. */
  source(id: number): { headers: string; raw: Buffer } | undefined {
    const row = this.database.prepare('SELECT headers, raw FROM messages WHERE id = ? AND raw IS NOT NULL').get(id);
    return row && { headers: String(row.headers), raw: Buffer.from(row.raw as Uint8Array) };
  }

  close(): void {
    this.database.close();
  }
}

function conditionsOf({ to, kind, since, before }: Filter): { conditions: string; values: SQLInputValue[] } {
  const all: [string, SQLInputValue | undefined][] = [
    ['recipient = ?', to],
    ['kind = ?', kind],
    ['received_at >= ?', since],
    ['id < ?', before],
  ];
  const given = all.flatMap(([condition, value]) => (value === undefined ? [] : [{ condition, value }]));
  return {
    conditions: given.length > 0 ? `WHERE ${given.map(({ condition }) => condition).join(' AND ')}` : '',
    values: given.map(({ value }) => value),
  };
}

function messageOf(row: Row): Message {
  const { id, copy, text, recipient: to, received_at: receivedAt } = row;
  const common = { id, to, text, links: JSON.parse(row.links) as string[], copy, receivedAt };
  return row.kind === 'mail'
    ? {
        ...common,
        kind: 'mail',
        from: row.sender ?? '',
        subject: row.subject ?? '',
        html: row.html,
        messageId: row.reference,
      }
    : { ...common, kind: 'sms', from: null, subject: null, html: null, deliveryId: row.reference };
}
