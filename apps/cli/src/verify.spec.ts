import 'reflect-metadata';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { CHAIN_START, chainValue } from '#libs/chain';
import { writeDossier } from '#libs/dossier';
import { AUTHORITY_FILES, LocalAuthority, SealingOffice } from '#libs/evidence';
import { run } from './program.js';

let folder: string;
let authority: Server;
let dossier: string;
let anchors: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-verify-'));
  dossier = join(folder, 'dossier.asice');
  anchors = join(folder, AUTHORITY_FILES.anchors);
  await writeFile(dossier, await writeDossier(letter(), await openOffice()));
});
afterAll(async () => {
  authority.closeAllConnections();
  await new Promise((resolve) => authority.close(resolve));
  await rm(folder, { recursive: true });
});

async function openOffice(): Promise<SealingOffice> {
  const now = () => new Date();
  const addresses = { certificate: 'http://autorite.example/a', revocationList: 'http://autorite.example/l' };
  const local = await LocalAuthority.open({ folder, operator: 'Pli (essai)', addresses, now });
  authority = createServer((request, response) => {
    const isToken = request.method === 'POST';
    const answer = isToken ? buffer(request).then((body) => local.timestamp(body)) : local.revocationList();
    void answer.then((bytes) => response.end(bytes));
  });
  await new Promise<void>((resolve) => authority.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((authority.address() as AddressInfo).port)}/`;
  return new SealingOffice({
    seal: await readFile(join(folder, AUTHORITY_FILES.seal), 'utf8'),
    anchors: await readFile(anchors, 'utf8'),
    revocationLists: [url],
    timestamps: { urls: [url] },
    now,
  });
}

/** A letter of one event. */
function letter() {
  const data = { session: 'browser-1', at: '2018-03-20T13:35:00.000Z' };
  const event = { id: '0196a000-0000-7000-8000-000000000000', type: 'Accepted', schema: 1, data };
  return {
    ...{ letterId: '0196a000-0000-7000-8000-000000000001', reference: 'LRE_9998_001_20180320143500' },
    ...{ documents: [], proofEvents: [], proofs: [] },
    letterEvents: [{ ...event, revision: 0n, chain: chainValue(CHAIN_START, event) }],
    read: () => Promise.reject(new RangeError('There is no document.')),
  };
}

async function verify(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const surroundings = {
    environment: {},
    print: (line: string) => out.push(line),
    complain: (line: string) => err.push(line),
  };
  return { code: await run(['verify', ...args], surroundings), out, err };
}

describe('pli verify, with nothing but a file', () => {
  it('tells what happened, and that it holds', async () => {
    const { code, out, err } = await verify(dossier, '--trust', anchors);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out).toEqual([
      'LRE_9998_001_20180320143500',
      '  0  2018-03-20T13:35:00.000Z  Lettre acceptée par le destinataire',
      expect.stringMatching(/^ok {5}sealed by .*Cachet électronique, \S+Z by .*Horodatage local/),
      'valid',
    ]);
  });

  it('says when nobody told it whom to trust', async () => {
    const { code, out } = await verify(dossier);
    expect(code).toBe(0);
    expect(out).toContainEqual(expect.stringMatching(/^note {3}the roots that were trusted are those in the dossier/));
  });

  it('tells what is wrong, and where', async () => {
    const altered = join(folder, 'altered.asice');
    const text = (await readFile(dossier)).toString('latin1');
    await writeFile(altered, Buffer.from(text.replace('browser-1', 'browser-2'), 'latin1'));
    const { code, out, err } = await verify(altered, '--trust', anchors);
    expect(code).toBe(1);
    expect(out.filter((line) => line.startsWith('WRONG'))).toEqual([
      'WRONG  events/letter.jsonl, event 0: The chain of the events breaks: altered.',
    ]);
    expect(err).toEqual([expect.stringMatching(/^One place of .* cannot be relied on/)]);
  });

  it.each([
    ['no such file', () => ['/nowhere/dossier.asice'], /cannot be read/],
    ['no dossier', () => [anchors], /is no dossier/],
    ['no certificate to trust', () => [dossier, '--trust', import.meta.filename], /--trust: There is no certificate/],
    ['no such file of trust', () => [dossier, '--trust', '/nowhere'], /cannot be read/],
  ])('%s is unreadable', async (_what, args, sentence) => {
    const { code, out, err } = await verify(...args());
    expect({ code, out, lines: err.length }).toEqual({ code: 2, out: [], lines: 1 });
    expect(err[0]).toMatch(sentence);
  });
});
