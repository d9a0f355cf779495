import type { ServerResponse } from 'node:http';
import type { Message } from './message.js';

const HEARTBEAT_MS = 20_000;

/** Server-sent events (HTML Living Standard, "Server-sent events"): every open inbox page learns of each new message. */
export class InboxFeed {
  private readonly readers = new Set<ServerResponse>();
  private readonly heartbeat = setInterval(() => this.tell(':\n\n'), HEARTBEAT_MS);

  /** Answers with a stream that goes on until the reader leaves. */
  follow(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('retry: 1000\n\n');
    this.readers.add(response);
    response.on('close', () => this.readers.delete(response));
  }

  announce(messages: readonly Message[]): void {
    this.tell(messages.map(({ id }) => `id: ${id}\ndata: ${id}\n\n`).join(''));
  }

  close(): void {
    clearInterval(this.heartbeat);
    for (const reader of this.readers) reader.end();
  }

  private tell(words: string): void {
    for (const reader of this.readers) reader.write(words);
  }
}
