import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { DocumentOfLetter, ProofsOfLetter } from '#libs/commands';
import { verifyChain } from '#libs/chain';
import { chainLink } from '#libs/event-store';
import { SealingOffice } from '#libs/evidence';
import type { LetterCommand } from '#libs/letter';
import type { Proof, ProofKind } from '#libs/proof';
import { Press } from '../press.js';
import { eventually } from '../spec/eventually.js';
import { pdf, World } from '../spec/world.js';
import { DelayedProofs } from './delayed-proofs.js';
import { ProofMaker, type IssuedProof } from './proof-maker.js';

const run = promisify(execFile);
const NEVER = 24 * 3600_000;

let world: World;

beforeAll(async () => {
  world = await World.open();
  // Rounds of delayed proofs are run by hand.
  await world.startWorker({ delayedProofInterval: NEVER });
});
afterAll(() => world.close());
beforeEach(async () => {
  // Printing takes longer than everything else, and is for the proofs here.
  jest.spyOn(world.part(Press), 'acknowledgement').mockResolvedValue(await pdf());
});
afterEach(() => {
  world.authority.isDown = false;
  jest.restoreAllMocks();
});

const recipient = (domain = 'exemple.example') => ({
  civility: 'M. et Mme',
  name: 'CHARPENTIER Jean Luc',
  email: `${randomUUID().slice(0, 8)}@${domain}`,
});

const now = () => new Date().toISOString();
const session = 'browser-1';

async function proofsOf(letterId: string): Promise<readonly Proof[]> {
  return (await world.queries.execute(new ProofsOfLetter(letterId))).state;
}

const delayed = (letterId: string): Promise<Proof> =>
  eventually(`a proof of ${letterId} to be delayed`, async () =>
    (await proofsOf(letterId)).find(({ status }) => status === 'delayed'),
  );

/** Waits for the proof of that kind. */
const proof = (letterId: string, kind: ProofKind): Promise<IssuedProof> =>
  eventually(`the ${kind} proof of ${letterId}`, async () =>
    (await proofsOf(letterId)).find((one): one is IssuedProof => one.kind === kind && one.status === 'issued'),
  );

const bytesOf = (letterId: string, { document }: IssuedProof): Promise<Buffer> =>
  world.queries.execute(new DocumentOfLetter(letterId, document.sha256));

/** The words of a PDF, and what pdfsig says of its seal. */
async function read(bytes: Buffer): Promise<{ words: string; seal: string; record: string }> {
  const file = join(world.folder, `${randomUUID()}.pdf`);
  await writeFile(file, bytes);
  const { stdout: words } = await run('pdftotext', ['-layout', file, '-']);
  const { stdout: seal } = await run('pdfsig', [file]).catch((error: unknown) => error as { stdout: string });
  await run('pdfdetach', ['-save', '1', '-o', `${file}.xml`, file]);
  return { words: words.replaceAll(/\s+/g, ' '), seal, record: await readFile(`${file}.xml`, 'utf8') };
}

async function answered(...commands: readonly LetterCommand[]): Promise<string> {
  const letterId = await world.submit({ recipient: recipient() });
  await world.event(letterId, 'Notified');
  for (const command of commands) await world.command(letterId, command);
  return letterId;
}

describe('the deposit', () => {
  it('is proved with what R. 53-2 asks, sealed and timestamped, with its record inside', async () => {
    const to = recipient();
    const letterId = await world.submit({ recipient: to });
    const deposited = await world.event(letterId, 'Deposited');
    const { words, seal, record } = await read(await bytesOf(letterId, await proof(letterId, 'deposit')));
    for (const word of ['Preuve de dépôt', 'Agence Latour', 'info@latour.example', 'M. et Mme CHARPENTIER Jean Luc']) {
      expect(words).toContain(word);
    }
    expect(words).toContain(to.email);
    expect(words).toContain(deposited.event.data.reference);
    expect(words).toContain(deposited.event.data.documents[0]?.sha256);
    expect(words.replaceAll(' ', '')).toContain(chainLink(deposited).chain);
    expect(words).toMatch(/\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d GMT/);
    expect(words).toContain('Service non qualifié');
    expect(seal).toContain('Signature is Valid');
    expect(record).toContain('http://uri.etsi.org/19522/Event/SubmissionAcceptance');
    expect(record).toContain(`<erds:EvidenceIdentifier>${deposited.id}</erds:EvidenceIdentifier>`);
  });

  it('is proved once, and byte for byte the same when it is written and put together again', async () => {
    const letterId = await world.submit({ recipient: recipient() });
    const issued = await proof(letterId, 'deposit');
    const maker = world.part(ProofMaker);
    expect(await maker.make(letterId, issued.proof)).toBe('issued');
    const { state, events } = await world.queries.execute(new ProofsOfLetter(letterId));
    expect(events.map(({ event }) => event.type)).toEqual(['ProofSealed', 'TimestampObtained']);
    expect(verifyChain(events.map(chainLink))).toMatchObject({ intact: true });
    expect(state).toEqual([issued]);
    expect((await maker.rebuild(letterId, issued)).equals(await bytesOf(letterId, issued))).toBe(true);
  });
});

describe('what becomes of a letter', () => {
  it('is proved when it was received: signed, then opened and downloaded', async () => {
    const letterId = await answered(
      { type: 'accept', session, at: now() },
      {
        type: 'sign',
        session,
        packageNumber: '7AD0F7866F46',
        consent: 'fr-1',
        signatory: 'M. et Mme CHARPENTIER Jean Luc',
        at: now(),
      },
    );
    const { event } = await world.event(letterId, 'Submitted');
    const sha256 = event.data.documents[0]?.sha256 ?? '';
    await world.command(letterId, { type: 'accessContent', sha256, mode: 'downloaded', session, at: now() });
    const reception = await read(await bytesOf(letterId, await proof(letterId, 'reception')));
    expect(reception.words).toContain('Date et heure de réception');
    expect(reception.record).toContain('Event/ContentConsignment');
    const access = await read(await bytesOf(letterId, await proof(letterId, 'content-access')));
    expect(access.words).toContain('LRE RELANCE.pdf');
    expect(access.record).toContain('Event/ContentHandover');
  });

  it('is proved when it was refused', async () => {
    const letterId = await answered({ type: 'refuse', session, at: now() });
    const { words, record } = await read(await bytesOf(letterId, await proof(letterId, 'refusal')));
    expect(words).toContain('Date et heure du refus');
    expect(record).toContain('Event/ConsignmentRejection');
    expect(record).toContain('refused-by-recipient');
  });

  it('is proved when nobody claimed it', async () => {
    const letterId = await answered();
    const { event } = await world.event(letterId, 'Notified');
    await world.command(letterId, { type: 'expire', at: event.data.windowEndsAt });
    const { words, record } = await read(await bytesOf(letterId, await proof(letterId, 'non-claim')));
    expect(words).toContain('Preuve de non-réclamation');
    expect(words).toContain('Fin du délai');
    expect(record).toContain('Event/AcceptanceRejectionExpiry');
  });

  it('is proved when the notice bounced', async () => {
    const to = recipient();
    world.mail.refuse(to.email, { code: 550, words: '5.1.1 No such user here' });
    const letterId = await world.submit({ recipient: to });
    const { words, record } = await read(await bytesOf(letterId, await proof(letterId, 'bounce')));
    expect(words).toContain('Preuve d’échec de notification');
    expect(words).toContain('550');
    expect(record).toContain('Event/NotificationForAcceptanceFailure');
  });
});

describe('an authority that is down', () => {
  it('delays the timestamp, shows it, holds nothing up, and is asked again', async () => {
    world.authority.isDown = true;
    const letterId = await world.submit({ recipient: recipient() });
    await delayed(letterId);
    await world.event(letterId, 'Notified');
    const rounds = world.part(DelayedProofs);
    expect(await rounds.settle()).toBe(0);
    world.authority.isDown = false;
    await eventually('the delayed proof to be issued', async () => (await rounds.settle()) > 0);
    const issued = await proof(letterId, 'deposit');
    expect((await read(await bytesOf(letterId, issued))).seal).toContain('Signature is Valid');
    const { events } = await world.queries.execute(new ProofsOfLetter(letterId));
    const types = events.map(({ event }) => event.type);
    expect(types).toEqual(['ProofSealed', 'TimestampDelayed', 'TimestampObtained']);
  });

  it('is not the end of a proof when the worker dies between seal and timestamp', async () => {
    jest.spyOn(world.part(SealingOffice), 'timestamp').mockRejectedValueOnce(new Error('killed'));
    const letterId = await world.submit({ recipient: recipient() });
    await proof(letterId, 'deposit');
    const { events } = await world.queries.execute(new ProofsOfLetter(letterId));
    expect(events.map(({ event }) => event.type)).toEqual(['ProofSealed', 'TimestampObtained']);
  });
});
