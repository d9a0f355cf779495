import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pack, unpack, type Files } from './container.js';
import { MANIFEST, manifestOf, SIGNATURE } from './manifest.js';
import { sampleLetter, SpecOffice } from './spec/sample.js';
import { verifyDossier, DossierUnreadable } from './verify.js';
import { PLACES, writeDossier, type LetterRecord } from './write.js';

const run = promisify(execFile);

let operator: SpecOffice;
let letter: LetterRecord;
let dossier: Buffer;
let files: Files;

beforeAll(async () => {
  operator = await SpecOffice.open();
  letter = await sampleLetter(operator.office);
  dossier = await writeDossier(letter, operator.office);
  ({ files } = unpack(dossier));
});
afterAll(() => operator.close());

/** What a tampering did, and where it must be told of: nowhere else. */
interface Tampering {
  readonly what: string;
  readonly place: string;
  readonly event?: number;
  readonly bytes: Buffer;
}

const file = (name: string): Buffer => files.get(name) ?? Buffer.alloc(0);
const withFile = (name: string, bytes: Buffer): Map<string, Buffer> => new Map([...files, [name, bytes]]);
const without = (name: string) => new Map([...files].filter(([other]) => other !== name));

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x01;
  return copy;
}

/** Places all over a range: none twice, and the same in every run. */
const spread = (from: number, to: number, count: number): number[] => [
  ...new Set(Array.from({ length: count }, (_, index) => from + Math.floor(((to - from - 1) * index) / (count - 1)))),
];

/** Flips within a file: in the container as it lies there, so that its checksum is wrong, and packed again, so that it is right. */
function flipsIn(name: string, count: number): Tampering[] {
  const content = file(name);
  const start = dossier.indexOf(content);
  return spread(0, content.length, count).map((at, index) => ({
    what: `byte ${String(at)} of ${name}`,
    place: name,
    bytes: index % 2 === 0 ? flipped(dossier, start + at) : pack(withFile(name, flipped(content, at))),
  }));
}

type Line = Record<string, unknown>;
const linesOf = (name: string): string[] => file(name).toString('utf8').split('\n').slice(0, -1);
const packedLines = (name: string, lines: readonly string[]): Buffer =>
  pack(withFile(name, Buffer.from(lines.map((line) => `${line}\n`).join(''))));

const CHANGES: Readonly<Record<string, (line: Line) => Line>> = {
  'another id': (line) => ({ ...line, id: '00000000-0000-4000-8000-000000000000' }),
  'another type': (line) => ({ ...line, type: 'Refused' }),
  'another schema': (line) => ({ ...line, schema: 9 }),
  'another time': (line) => ({ ...line, data: { ...(line['data'] as Line), at: '2018-03-21T13:35:00.000Z' } }),
  'one more field': (line) => ({ ...line, data: { ...(line['data'] as Line), z: 1 } }),
  'another chain value': (line) => ({ ...line, chain: 'f'.repeat(64) }),
};

/** Every event changed in every field, dropped, repeated, exchanged with the next one, and written with other spaces. */
function eventTamperings(name: string): Tampering[] {
  const lines = linesOf(name);
  const told = (what: string, event: number, changed: readonly string[]): Tampering => ({
    ...{ what: `${what}: event ${String(event)} of ${name}`, place: name, event },
    bytes: packedLines(name, changed),
  });
  return lines.flatMap((line, index) => [
    ...Object.entries(CHANGES).map(([what, change]) => {
      // In the canonical order, as who tampers would write it.
      const { chain, data, id, schema, type } = change(JSON.parse(line) as Line);
      return told(what, index, lines.with(index, JSON.stringify({ chain, data, id, schema, type })));
    }),
    told('a space', index, lines.with(index, line.replace('{', '{ '))),
    told('repeated', index + 1, lines.toSpliced(index, 0, line)),
    ...(index + 1 < lines.length
      ? [
          told('dropped', index, lines.toSpliced(index, 1)),
          told('exchanged', index, lines.toSpliced(index, 2, lines[index + 1] ?? '', line)),
        ]
      : []),
  ]);
}

/** Who changes a file and writes the manifest anew has no seal for it: the manifest is told of, and what the file itself shows. */
function manifestTamperings(): Tampering[] {
  const manifest = file(MANIFEST).toString('utf8');
  const references = manifest.match(/ {2}<asic:DataObjectReference[\s\S]*?<\/asic:DataObjectReference>\n/g) ?? [];
  const rewritten = (what: string, text: string): Tampering => ({
    ...{ what, place: MANIFEST },
    bytes: pack(withFile(MANIFEST, Buffer.from(text))),
  });
  return [
    ...references.map((reference, index) => rewritten(`entry ${index} taken out`, manifest.replace(reference, ''))),
    ...references.map((reference, index) =>
      rewritten(`digest of entry ${index}`, manifest.replace(reference, reference.replace(/Value>./, 'Value>/'))),
    ),
    rewritten('nothing listed', manifestOf(new Map())),
    rewritten('a comment', `${manifest}<!-- -->\n`),
  ];
}

function containerTamperings(): Tampering[] {
  const told = (what: string, bytes: Buffer): Tampering => ({ what, place: 'container', bytes });
  const directory = dossier.indexOf(Buffer.from('PK\u0001\u0002'));
  const headers = [MANIFEST, PLACES.letterEvents, PLACES.description].map(
    (name) => dossier.indexOf(file(name)) - name.length - 30,
  );
  const first = 30 + 'mimetype'.length;
  return [
    // A header: version, flags, method, time, checksum, lengths of the extra field, name.
    ...headers.flatMap((at) =>
      [4, 6, 8, 10, 12, 14, 17, 29, 30].map((field) =>
        told(`header ${at}, byte ${field}`, flipped(dossier, at + field)),
      ),
    ),
    ...spread(directory, dossier.length, 30).map((at) => told(`directory, byte ${at}`, flipped(dossier, at))),
    ...spread(first, first + 31, 6).map((at) => told(`mimetype, byte ${at}`, flipped(dossier, at))),
    ...[...files.keys()].map((name) => told(`${name} taken out`, pack(without(name)))),
    told('a file put in', pack(withFile('documents/plus.pdf', Buffer.from('%PDF-1.4')))),
    told('bytes behind', Buffer.concat([dossier, Buffer.from('x')])),
    told('the end cut off', dossier.subarray(0, -1)),
    told('half of it cut off', dossier.subarray(0, dossier.length / 2)),
    told('bytes between files and directory', spliced(directory, Buffer.from('x'))),
    told('the media type taken out', dossier.subarray(first + 31)),
  ];
}

const spliced = (at: number, bytes: Buffer): Buffer =>
  Buffer.concat([dossier.subarray(0, at), bytes, dossier.subarray(at)]);

function tamperings(): Readonly<Record<string, readonly Tampering[]>> {
  const inFolder = (folder: string) => [...files.keys()].filter((name) => name.startsWith(folder));
  return {
    events: [PLACES.letterEvents, PLACES.proofEvents].flatMap(eventTamperings),
    tokens: inFolder('tokens/').flatMap((name) => flipsIn(name, 24)),
    documents: inFolder('documents/').flatMap((name) => flipsIn(name, 8)),
    proofs: inFolder('proofs/').flatMap((name) => flipsIn(name, 24)),
    manifest: [...flipsIn(MANIFEST, 12), ...manifestTamperings()],
    seal: flipsIn(SIGNATURE, 48),
    certificates: flipsIn(PLACES.anchors, 10),
    description: flipsIn(PLACES.description, 6),
    container: containerTamperings(),
  };
}

const CLASSES = [
  'events',
  'tokens',
  'documents',
  'proofs',
  'manifest',
  'seal',
  'certificates',
  'description',
  'container',
] as const;

describe('a dossier', () => {
  it('is valid, and tells what happened, when, and by which proof', async () => {
    const verdict = await verifyDossier(dossier, operator.anchors);
    expect(verdict.faults).toEqual([]);
    expect(verdict.reference).toBe(letter.reference);
    expect(verdict.seal?.sealedBy).toContain('Cachet électronique');
    const told = verdict.happenings.map(({ words, proof }) => [words, proof?.proof.kind]);
    expect(told).toContainEqual(['Lettre déposée, accusé de réception établi', undefined]);
    expect(told).toContainEqual(['Lettre signée, n° de package 7AD0F7866F46', 'reception']);
  });

  it('is valid by the anchors that it brings, and by no others', async () => {
    expect((await verifyDossier(dossier)).faults).toEqual([]);
    const stranger = await SpecOffice.open();
    const { faults } = await verifyDossier(dossier, stranger.anchors);
    await stranger.close();
    expect(faults.map(({ place }) => place)).toContain(SIGNATURE);
  });

  it('is the same, byte for byte, but for its seal', async () => {
    const { files: again } = unpack(await writeDossier(letter, operator.office));
    const rest = (all: Files) => [...all].filter(([name]) => name !== SIGNATURE);
    expect(rest(again)).toEqual(rest(files));
    expect(dossier.toString('latin1', 30, 38 + 31)).toBe('mimetypeapplication/vnd.etsi.asic-e+zip');
    expect(pack(files).equals(dossier)).toBe(true);
  });

  it('satisfies unzip and openssl', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pli-dossier-'));
    await writeFile(join(folder, 'dossier.asice'), dossier);
    await writeFile(join(folder, 'anchors'), operator.anchors);
    await run('unzip', ['-q', 'dossier.asice'], { cwd: folder });
    expect((await readFile(join(folder, MANIFEST))).equals(file(MANIFEST))).toBe(true);
    const verify = ['cms', '-verify', '-binary', '-inform', 'DER', '-in', SIGNATURE, '-content', MANIFEST];
    const { stderr } = await run('openssl', [...verify, '-purpose', 'any', '-CAfile', 'anchors', '-out', 'out'], {
      cwd: folder,
    });
    expect(stderr).toMatch(/Verification successful/i);
    await rm(folder, { recursive: true });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.from('Bonjour')],
    ['a PDF', Buffer.from('%PDF-1.4')],
  ])('%s is none', async (_what, bytes) => {
    await expect(verifyDossier(bytes)).rejects.toThrow(DossierUnreadable);
  });
});

describe('whoever tampers with a dossier is found out, at the place where it was done', () => {
  it('200 times and more, none of them twice', () => {
    const all = Object.values(tamperings()).flat();
    const seen = new Set<string>();
    const twice = all.filter(({ bytes }) => seen.size === seen.add(bytes.toString('latin1')).size);
    expect(twice.map(({ what }) => what)).toEqual([]);
    expect(all.length).toBeGreaterThan(200);
    expect(all.filter(({ bytes }) => bytes.equals(dossier))).toEqual([]);
  });

  it.each(CLASSES)('%s', async (kind) => {
    const missed: unknown[] = [];
    for (const [index, { what, bytes, ...where }] of (tamperings()[kind] ?? []).entries()) {
      // Now by the anchors of the operator, now by those that the dossier brings.
      const { faults } = await verifyDossier(bytes, index % 2 === 0 ? operator.anchors : undefined);
      const [fault] = faults;
      const isTold = faults.length === 1 && fault?.place === where.place && fault.event === where.event;
      if (!isTold) missed.push({ what, ...where, faults });
    }
    expect(missed).toEqual([]);
  });
});
