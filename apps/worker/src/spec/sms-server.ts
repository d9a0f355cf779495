import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Sms } from '#libs/messaging';

/** A real HTTP gateway for text messages whose answers a spec sets. */
export class SmsServer {
  readonly caught: Sms[] = [];
  /** HTTP statuses of the next requests; 202 when none is left. */
  readonly answers: number[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      void this.take(request).then((status) => response.writeHead(status).end());
    });
  }

  static async start(): Promise<SmsServer> {
    const sms = new SmsServer();
    sms.server.listen(0, '127.0.0.1');
    await once(sms.server, 'listening');
    return sms;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/sms`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage): Promise<number> {
    const sms = (await json(request)) as Sms;
    const status = this.answers.shift() ?? 202;
    if (status < 300) this.caught.push(sms);
    return status;
  }
}
