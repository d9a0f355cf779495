import { createHash } from 'node:crypto';
import { TimeStampReq } from 'pkijs';
import { certificatePem } from './certificates.js';
import { der, parse } from './der.js';
import {
  issued,
  listOf,
  POLICY,
  responder,
  specAuthority,
  SpecServer,
  trustIn,
  type SpecAuthority,
} from './spec/authority.js';
import { runBeside } from './spec/openssl.js';
import { TimestampClient, TimestampUnavailable, type TimestampClientOptions } from './timestamp-client.js';
import { verifyTimestamp } from './timestamp-token.js';
import { readSignedData, signatureValue } from './signed-data.js';

const content = Buffer.from('Preuve de dépôt LRE_9998_001_20180320143707');
const digest = createHash('sha256').update(content).digest();

let authority: SpecAuthority;
const servers: SpecServer[] = [];

beforeAll(async () => {
  authority = await specAuthority();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: (body: Buffer) => Promise<Buffer>): Promise<string> {
  const server = await SpecServer.start(answer);
  servers.push(server);
  return server.url;
}

const clientOf = (urls: readonly string[], options: Partial<TimestampClientOptions> = {}) =>
  new TimestampClient({ urls, now: () => new Date(), ...options });

/** Asks one authority and answers why it gave no token that holds. */
async function failureOf(url: string, options: Partial<TimestampClientOptions> = {}, trust = authority.trust) {
  const error: unknown = await clientOf([url], options)
    .timestamp(digest, trust)
    .catch((failure: unknown) => failure);
  if (!(error instanceof TimestampUnavailable)) throw new TypeError('It gave a token.');
  return error.failures[0]?.reason;
}

/** A request that OpenSSL makes. */
async function queryOf(options: string): Promise<Buffer> {
  const command = `openssl ts -query -data content ${options} -out query.tsq 2>log && base64 -w0 query.tsq`;
  const { output } = await runBeside({ content }, 'sh', ['-c', command]);
  return Buffer.from(output, 'base64');
}

describe('a timestamp', () => {
  it('is given by the local authority, and holds', async () => {
    const url = await serve(responder(authority.timestamping));
    const obtained = await clientOf([url], { policy: POLICY }).timestamp(digest, authority.trust);
    expect(obtained).toMatchObject({ url, policy: POLICY, authority: 'C=FR, O=Pli (essai), CN=Horodatage d’essai' });
    await expect(verifyTimestamp(obtained.token, digest, authority.trust)).resolves.toMatchObject({ policy: POLICY });
  });

  it('is one that OpenSSL verifies', async () => {
    const url = await serve(responder(authority.timestamping));
    const { token } = await clientOf([url]).timestamp(digest, authority.trust);
    const files = { 'token.der': token, content, 'root.pem': certificatePem(authority.root.certificate) };
    const args = ['ts', '-verify', '-data', 'content', '-in', 'token.der', '-token_in', '-CAfile', 'root.pem'];
    await expect(runBeside(files, 'openssl', args)).resolves.toMatchObject({
      code: 0,
      output: expect.stringContaining('Verification: OK'),
    });
    await expect(runBeside({ ...files, content: 'altered' }, 'openssl', args)).resolves.toMatchObject({ code: 1 });
  });

  it.each([['with'], ['without']])('is given to OpenSSL, too, %s the certificate', async (which) => {
    const query = await queryOf(`-sha512 ${which === 'with' ? '-cert' : ''}`);
    const files = {
      'query.tsq': query,
      'reply.tsr': await responder(authority.timestamping)(query),
      'root.pem': certificatePem(authority.root.certificate),
      'tsa.pem': certificatePem(authority.timestamping.certificate),
    };
    const verify = 'ts -verify -queryfile query.tsq -in reply.tsr -CAfile root.pem -untrusted tsa.pem'.split(' ');
    expect(await runBeside(files, 'openssl', verify)).toMatchObject({
      code: 0,
      output: expect.stringContaining('Verification: OK'),
    });
  });

  it('is not had for what is no request, nor with a digest that has had its day', async () => {
    const text = ['ts', '-reply', '-in', 'reply.tsr', '-text'];
    const refused = async (query: Buffer) =>
      runBeside({ 'reply.tsr': await responder(authority.timestamping)(query) }, 'openssl', text);
    expect(await refused(Buffer.from('no request'))).toMatchObject({
      output: expect.stringMatching(/Status: Rejected[\s\S]*submitted has the wrong format/i),
    });
    expect(await refused(await queryOf('-sha1'))).toMatchObject({
      output: expect.stringMatching(/Status: Rejected[\s\S]*unrecognized or unsupported algorithm/i),
    });
  });
});

describe('a token is checked on arrival', () => {
  it('must be of what was asked', async () => {
    let earlier: Buffer | undefined;
    const url = await serve(async (body) => (earlier ??= await responder(authority.timestamping)(body)));
    const client = clientOf([url]);
    await client.timestamp(createHash('sha256').update('something else').digest(), authority.trust);
    expect(await failureOf(url)).toMatch('of something else');
  });

  it('must bear the nonce of the request', async () => {
    let earlier: Buffer | undefined;
    const url = await serve(async (body) => (earlier ??= await responder(authority.timestamping)(body)));
    await clientOf([url]).timestamp(digest, authority.trust);
    expect(await failureOf(url)).toMatch('answers another request');
  });

  it('must be under the policy that was asked for', async () => {
    const url = await serve(responder(authority.timestamping));
    expect(await failureOf(url, { policy: '1.2.3.4' })).toMatch('Tokens are issued under');
    // An authority that grants what was asked under a policy of its own.
    const other = await serve((body) => {
      const asked = parse(TimeStampReq, body, 'request');
      delete asked.reqPolicy;
      return responder(authority.timestamping)(der(asked));
    });
    expect(await failureOf(other, { policy: '1.2.3.4' })).toMatch(`The token is under ${POLICY} instead of 1.2.3.4`);
  });

  it('must be of about now', async () => {
    const url = await serve(responder(authority.timestamping, { now: () => new Date(Date.now() + 10 * 60_000) }));
    expect(await failureOf(url)).toMatch('far from that of this machine');
  });

  it('must be whole', async () => {
    const url = await serve(async (body) => {
      const reply = await responder(authority.timestamping)(body);
      reply.writeUInt8(reply.readUInt8(reply.length - 10) ^ 1, reply.length - 10);
      return reply;
    });
    expect(await failureOf(url)).toMatch(/signature/i);
    expect(await failureOf(await serve(async () => Buffer.from('<html>')))).toMatch('not one whole ASN.1 value');
    expect(await failureOf(await serve(() => Promise.reject(new Error('down'))))).toMatch('HTTP 500');
  });

  it('must be of a certificate that is for timestamping alone', async () => {
    const url = await serve(responder(authority.seal));
    expect(await failureOf(url)).toMatch('not one for timestamping alone');
  });

  it('must be of a certificate that leads to an anchor', async () => {
    const stranger = await specAuthority();
    const url = await serve(responder(stranger.timestamping));
    expect(await failureOf(url)).toMatch('leads to no trusted one');
  });

  it('must be of a certificate that is valid and not revoked', async () => {
    const past = await issued(authority.root, 'timestamping', new Date('2020-01-01T00:00:00Z'), 1);
    expect(await failureOf(await serve(responder(past)))).toMatch('is not valid at');
    const url = await serve(responder(authority.timestamping));
    const revoked = trustIn(authority.root.certificate, await listOf(authority.root, authority.timestamping));
    expect(await failureOf(url, {}, revoked)).toMatch('was revoked at');
    expect(await failureOf(url, {}, trustIn(authority.root.certificate))).toMatch('No revocation list');
  });

  it('must be of a revocation list that its issuer signed', async () => {
    const stranger = await specAuthority();
    const url = await serve(responder(authority.timestamping));
    expect(await failureOf(url, {}, trustIn(authority.root.certificate, stranger.list))).toMatch('No revocation list');
  });
});

describe('several authorities', () => {
  it('are asked one after the other, until one gives a token', async () => {
    const down = await serve(() => Promise.reject(new Error('down')));
    const stranger = await serve(responder((await specAuthority()).timestamping));
    const good = await serve(responder(authority.timestamping));
    const obtained = await clientOf([down, stranger, good]).timestamp(digest, authority.trust);
    expect(obtained.url).toBe(good);
  });

  it('are all named when none does', async () => {
    const silent = await serve(() => new Promise(() => undefined));
    const closed = 'http://127.0.0.1:1/';
    const error: unknown = await clientOf([silent, closed], { timeoutMs: 50 })
      .timestamp(digest, authority.trust)
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'TIMESTAMP_UNAVAILABLE', failures: [{ url: silent }, { url: closed }] });
  });
});

describe('a token tampered with', () => {
  // Not every byte is signed: versions, lists of algorithms. Those must not change what the token says.
  it('is rejected, or says the same, whatever byte is changed', async () => {
    const url = await serve(responder(authority.timestamping));
    const { token, genTime, policy, nonce, authority: name } = await clientOf([url]).timestamp(digest, authority.trust);
    let rejected = 0;
    for (let place = 0; place < token.length; place += 11) {
      const tampered = Buffer.from(token);
      tampered.writeUInt8(tampered.readUInt8(place) ^ 1, place);
      const verdict = await verifyTimestamp(tampered, digest, authority.trust).catch(() => 'rejected');
      if (verdict === 'rejected') rejected += 1;
      else expect(verdict).toMatchObject({ genTime, policy, nonce, authority: name });
    }
    expect(rejected).toBeGreaterThan((0.9 * token.length) / 11);
  });

  it('is rejected whatever byte of its signature value, or of how that is written, is changed', async () => {
    const url = await serve(responder(authority.timestamping));
    const { token } = await clientOf([url]).timestamp(digest, authority.trust);
    const value = signatureValue(readSignedData(token));
    // The tag and the length of the OCTET STRING stand before it.
    const from = token.lastIndexOf(value) - 2;
    const taken: string[] = [];
    for (let place = from; place < from + 2 + value.length; place += 1) {
      // The lowest, and those that make a value constructed (X.690 §8.1.2.5) and a length long (§8.1.3.5).
      for (const bit of [0, 5, 7]) {
        const tampered = Buffer.from(token);
        tampered.writeUInt8(tampered.readUInt8(place) ^ (1 << bit), place);
        const isTaken = await verifyTimestamp(tampered, digest, authority.trust).then(
          () => true,
          () => false,
        );
        if (isTaken) taken.push(`byte ${String(place - from)}, bit ${String(bit)}`);
      }
    }
    expect(from).toBeGreaterThan(0);
    expect(taken).toEqual([]);
  });

  it('may not have bytes behind it', async () => {
    const url = await serve(responder(authority.timestamping));
    const { token } = await clientOf([url]).timestamp(digest, authority.trust);
    await expect(verifyTimestamp(Buffer.concat([token, Buffer.from([0])]), digest, authority.trust)).rejects.toThrow(
      'not one whole ASN.1 value',
    );
  });
});

describe('the local certificates', () => {
  it('are read by OpenSSL as they are meant, and verified against the list', async () => {
    const files = {
      'root.pem': certificatePem(authority.root.certificate),
      'seal.pem': certificatePem(authority.seal.certificate),
      'list.crl': der(authority.list),
    };
    const verify = ['verify', '-x509_strict', '-crl_check', '-CAfile', 'root.pem', '-CRLfile', 'list.crl', 'seal.pem'];
    await expect(runBeside(files, 'openssl', verify)).resolves.toEqual({ code: 0, output: 'seal.pem: OK\n' });
    const revoked = { ...files, 'list.crl': der(await listOf(authority.root, authority.seal)) };
    await expect(runBeside(revoked, 'openssl', verify)).resolves.toMatchObject({
      output: expect.stringContaining('certificate revoked'),
    });
    const { output } = await runBeside(files, 'openssl', ['x509', '-in', 'seal.pem', '-noout', '-text']);
    expect(output).toMatch(/Key Usage: critical\s+Digital Signature, Non Repudiation/);
    expect(output).toMatch(/CRL Distribution Points:[\s\S]*liste\.crl/);
    expect(output).toMatch(/CA Issuers - URI:http:\/\/autorite\.example\/racine\.cer/);
  });
});
