import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { CHAIN_START, chainValue, type Link } from '#libs/chain';
import { archivalPdf, AUTHORITY_FILES, LocalAuthority, SealingOffice } from '#libs/evidence';
import type { LetterEvent } from '#libs/letter';
import { proofs as proofStream, type ProofEvent, type ProofKind, type Proofs } from '#libs/proof';
import type { LetterRecord } from '../write.js';

/** An operator with a seal and a timestamp authority under a root of its own. */
export class SpecOffice {
  private constructor(
    readonly office: SealingOffice,
    /** PEM. */
    readonly anchors: string,
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async open(): Promise<SpecOffice> {
    const folder = await mkdtemp(join(tmpdir(), 'pli-dossier-'));
    const now = () => new Date();
    const addresses = { certificate: 'http://autorite.example/a', revocationList: 'http://autorite.example/l' };
    const local = await LocalAuthority.open({ folder, operator: 'Pli (essai)', addresses, now });
    const server = createServer((request, response) => {
      const isToken = request.method === 'POST';
      void (isToken ? buffer(request).then((body) => local.timestamp(body)) : local.revocationList()).then((bytes) =>
        response.end(bytes),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
    const anchors = await readFile(join(folder, AUTHORITY_FILES.anchors), 'utf8');
    const seal = await readFile(join(folder, AUTHORITY_FILES.seal), 'utf8');
    const office = new SealingOffice({ seal, anchors, revocationLists: [url], timestamps: { urls: [url] }, now });
    return new SpecOffice(office, anchors, server, folder);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true });
  }
}

const at = '2018-03-20T13:35:00.000Z';
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const printOf = (bytes: Buffer) => ({ sha256: sha256(bytes), size: bytes.length, pages: 1 });

function chained(events: readonly { readonly type: string; readonly data: object }[]): Link[] {
  let chain = CHAIN_START;
  return events.map(({ type, data }, index) => {
    const event = { id: randomUUID(), type, schema: 1, data: { ...data } };
    chain = chainValue(chain, event);
    return { ...event, chain, revision: BigInt(index) };
  });
}

/** A letter that was received: deposited, notified, accepted, signed, with the proof of its reception. */
export async function sampleLetter(office: SealingOffice): Promise<LetterRecord> {
  const printed = await readFile(new URL('../../../../docs/rappel.pdf', import.meta.url));
  const acknowledgement = Buffer.from('%PDF-1.4\n% Accusé de réception\n');
  const kept = new Map([printed, acknowledgement].map((bytes) => [sha256(bytes), bytes]));
  const session = 'browser-1';
  const reference = 'LRE_9998_001_20180320143500';
  const events: Pick<LetterEvent, 'type' | 'data'>[] = [
    {
      type: 'Submitted',
      data: {
        agencyId: randomUUID(),
        ...{ agencyCode: '9998', dossier: '001', partyCode: '40017', partyKind: 'tenant', reference },
        ...{ legalProfile: 'fr-cpce-2018', professional: false, otp: false, retentionDays: 15, alertDays: 5 },
        documents: [printOf(printed)],
        at,
      },
    },
    {
      type: 'Deposited',
      data: {
        ...{ reference, legalProfile: 'fr-cpce-2018', at },
        acknowledgement: printOf(acknowledgement),
        documents: [printOf(printed)],
      },
    },
    {
      type: 'Notified',
      data: { notice: 1, messageId: 'm-1', linkHash: 'a'.repeat(64), windowEndsAt: '2018-04-04T22:00:00.000Z', at },
    },
    { type: 'Accepted', data: { session, at } },
    { type: 'Signed', data: { session, packageNumber: '7AD0F7866F46', signatures: 1, consent: 'fr-1', at } },
  ];
  const secret = { personal: randomUUID() };
  const letterEvents = chained(events.map(({ type, data }) => ({ type, data: { ...data, ...secret } })));
  const proofEvents = await proofOf(office, { proof: letterEvents[4]?.id ?? '', kind: 'reception', printed, kept });
  return {
    ...{ letterId: randomUUID(), reference, letterEvents },
    documents: [...kept.keys()].slice(0, 2).map((digest, index) => ({ sha256: digest, name: `Document ${index}.pdf` })),
    proofEvents: chained(proofEvents),
    proofs: proofEvents.reduce((state: Proofs, event) => proofStream.evolve(state, event), proofStream.initial),
    read: (digest) => Promise.resolve(kept.get(digest) ?? Buffer.alloc(0)),
  };
}

interface ToProve {
  readonly proof: string;
  readonly kind: ProofKind;
  readonly printed: Buffer;
  readonly kept: Map<string, Buffer>;
}

async function proofOf(office: SealingOffice, { proof, kind, printed, kept }: ToProve): Promise<ProofEvent[]> {
  const attached = { name: 'a.xml', description: 'a', mediaType: 'text/xml', bytes: Buffer.from(`<a>${kind}</a>`) };
  const draft = await archivalPdf(printed, { title: `Preuve ${kind}`, createdAt: at, attached, sealedBy: 'Pli' });
  const seal = await office.seal(draft);
  const timestamp = await office.timestamp(seal);
  const whole = await office.assemble(draft, seal, timestamp);
  kept.set(sha256(whole), whole);
  const written = { template: 'proof-1', record: 'b'.repeat(64), seal: seal.toString('base64') };
  return [
    { type: 'ProofSealed', data: { proof, kind, at, ...written, draft: printOf(draft) } },
    {
      type: 'TimestampObtained',
      data: {
        ...{ proof, at },
        token: timestamp.token.toString('base64'),
        time: timestamp.time.toISOString(),
        authority: timestamp.authority,
        revocationLists: timestamp.revocationLists.map((list) => list.toString('base64')),
        document: printOf(whole),
      },
    },
  ];
}
