import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { AUTHORITY_FILES, LocalAuthority } from '#libs/evidence';

/** The local authority of a spec: seal, timestamps and revocation list; it can be down for a while. */
export class AuthorityServer {
  isDown = false;

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async start(folder: string): Promise<AuthorityServer> {
    const addresses = { certificate: 'http://autorite.example/a.cer', revocationList: 'http://autorite.example/l.crl' };
    const options = { folder, operator: 'Pli (essai)', addresses, now: () => new Date() };
    const authority = await LocalAuthority.open(options);
    const server = createServer();
    const started = new AuthorityServer(server, folder);
    server.on('request', (request, response) => {
      const answer = started.isDown ? Promise.reject(new Error('down')) : answerOf(authority, request);
      answer.then(
        (bytes) => response.end(bytes),
        () => response.writeHead(503).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  /** The variables by which a worker finds it. */
  get environment() {
    const url = `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
    return {
      PLI_SEAL: join(this.folder, AUTHORITY_FILES.seal),
      PLI_TRUST_ANCHORS: join(this.folder, AUTHORITY_FILES.anchors),
      PLI_REVOCATION_LISTS: `${url}/list`,
      TSA_URL: `${url}/timestamps`,
    };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function answerOf(authority: LocalAuthority, request: IncomingMessage): Promise<Buffer> {
  return request.method === 'POST' ? authority.timestamp(await buffer(request)) : authority.revocationList();
}
