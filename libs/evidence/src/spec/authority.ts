import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import type { Certificate, CertificateRevocationList } from 'pkijs';
import { serialNumber } from '../certificates.js';
import type { Trust } from '../certification-path.js';
import { issueCertificate, issueRevocationList, issueRoot, newKeyPair, type Purpose } from '../issuance.js';
import type { Signer } from '../signer.js';
import { answerTimestampRequest } from '../timestamp-responder.js';

const YEAR = 365 * 24 * 3600_000;
export const POLICY = '1.3.6.1.4.1.32473.3161.1';
const addresses = {
  certificate: 'http://autorite.example/racine.cer',
  revocationList: 'http://autorite.example/liste.crl',
};

/** An authority of certification with a seal and a timestamp authority under it, all made for one spec. */
export interface SpecAuthority {
  readonly root: Signer;
  readonly seal: Signer;
  readonly timestamping: Signer;
  readonly list: CertificateRevocationList;
  readonly trust: Trust;
}

export async function specAuthority(notBefore = new Date(Date.now() - 3600_000)): Promise<SpecAuthority> {
  const keys = await newKeyPair();
  const organisation = 'Pli (essai)';
  const validity = { notBefore, years: 20 };
  const certificate = await issueRoot(keys, { commonName: 'Autorité d’essai', organisation }, validity);
  const root = { key: keys.privateKey, certificate, intermediates: [] };
  const seal = await issued(root, 'seal', notBefore);
  const timestamping = await issued(root, 'timestamping', notBefore);
  const list = await listOf(root);
  return { root, seal, timestamping, list, trust: trustIn(certificate, list) };
}

export const trustIn = (anchor: Certificate, ...revocationLists: CertificateRevocationList[]): Trust => ({
  anchors: [anchor],
  intermediates: [],
  revocationLists,
});

export async function issued(
  root: Signer,
  purpose: Purpose,
  notBefore = new Date(Date.now() - 3600_000),
  years = 10,
): Promise<Signer> {
  const { privateKey, publicKey } = await newKeyPair();
  const subject = {
    commonName: purpose === 'seal' ? 'Cachet d’essai' : 'Horodatage d’essai',
    organisation: 'Pli (essai)',
  };
  const request = { publicKey, subject, validity: { notBefore, years }, purpose };
  return { key: privateKey, certificate: await issueCertificate(root, addresses, request), intermediates: [] };
}

/** A list of the root that has been in force for a minute. */
export function listOf(root: Signer, ...revoked: readonly Signer[]): Promise<CertificateRevocationList> {
  const from = new Date(Date.now() - 60_000);
  const revocations = revoked.map(({ certificate }) => ({ serialNumber: serialNumber(certificate), at: from }));
  return issueRevocationList(root, { from, to: new Date(from.getTime() + YEAR) }, revocations);
}

/** A web server that answers each request with what `answer` makes of its body; status 500 when it fails. */
export class SpecServer {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(answer: (body: Buffer) => Promise<Buffer>): Promise<SpecServer> {
    const server = createServer((request, response) => {
      buffer(request)
        .then(answer)
        .then(
          (bytes) => response.end(bytes),
          () => response.writeHead(500).end(),
        );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new SpecServer(server, `http://127.0.0.1:${String(port)}/`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export const responder =
  (signer: Signer, { policy = POLICY, now = () => new Date() }: { policy?: string; now?: () => Date } = {}) =>
  (body: Buffer): Promise<Buffer> =>
    answerTimestampRequest(body, { signer, policy, now });
