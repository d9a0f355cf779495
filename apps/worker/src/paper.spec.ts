/**
 * mailparser mixes ES and CommonJS modules in a cycle, which Jest only bears when "import" is not forced upon CommonJS.
 * @jest-environment-options {"customExportConditions": ["source", "node"]}
 */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { PDFDocument } from '@cantoo/pdf-lib';
import { EventContext, type StoredEvent } from '#libs/event-store';
import { LetterDesk } from './reactions/letter-desk.js';
import { PaperReaction } from './reactions/paper.reaction.js';
import { pdf, World } from './spec/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
  await world.startWorker();
}, 60_000);
afterAll(() => world.close());
afterEach(() => jest.restoreAllMocks());

const ADDRESS = 'M. et Mme CHARPENTIER Jean Luc\n12 rue des Clercs\n57000 METZ';

async function pages(count: number): Promise<Buffer> {
  const document = await PDFDocument.create();
  for (let page = 0; page < count; page += 1) document.addPage([400, 600 + page]);
  return Buffer.from(await document.save());
}

/** A deposited letter, of one page and of three. */
async function deposited(): Promise<string> {
  const recipient = { name: 'CHARPENTIER Jean Luc', email: `${randomUUID().slice(0, 8)}@exemple.example` };
  const documents = [
    { name: 'Relance.pdf', bytes: await pdf() },
    { name: 'Décompte.pdf', bytes: await pages(3) },
  ];
  const letterId = await world.submit({ recipient, documents });
  await world.event(letterId, 'Deposited');
  return letterId;
}

async function askForPaper(letterId: string, job: string = randomUUID()): Promise<string> {
  await world.command(letterId, {
    type: 'requestPrint',
    by: 'sender',
    job,
    address: ADDRESS,
    at: new Date().toISOString(),
  });
  return job;
}

async function stored(letterId: string, sha256: string): Promise<PDFDocument> {
  const key = (await world.stores.keyring.get(`letter-${letterId}`)).derive('documents');
  return PDFDocument.load(await world.stores.documents.get(letterId, key, sha256));
}

test('the envelope’s PDF begins with the address page, and every document on the front of a sheet', async () => {
  const letterId = await deposited();
  const job = await askForPaper(letterId);
  const { event } = await world.event(letterId, 'PrintPrepared');
  expect(event.data).toMatchObject({ job, print: { pages: 8 }, ticket: { pages: 1 } });
  const print = await stored(letterId, event.data.print.sha256);
  const heights = print.getPages().map((page) => Math.round(page.getHeight()));
  // A4 and its white back, the document of one page and its white back, then that of three.
  expect(heights.slice(0, 2)).toEqual([842, 842]);
  expect(heights.slice(4)).toEqual([600, 601, 602, 842]);
  expect((await stored(letterId, event.data.ticket.sha256)).getPageCount()).toBe(1);
});

test('a crash before the letter was told, and a redelivery, prepare the job once', async () => {
  const letterId = await deposited();
  const desk = world.worker?.get(LetterDesk);
  if (!desk) throw new Error('The worker does not run.');
  const tell = desk.tell.bind(desk);
  let alive = true;
  jest.spyOn(desk, 'tell').mockImplementation(async (matter, command, purpose) => {
    if (!alive || command.type !== 'confirmPrint') return tell(matter, command, purpose);
    alive = false;
    throw new Error('killed between effect and outcome');
  });
  await askForPaper(letterId);
  await world.event(letterId, 'PrintPrepared');
  const request = (await world.event(letterId, 'PrintRequested')) as StoredEvent;
  await world.worker?.get(PaperReaction).printRequested(request, new EventContext([request, 0]));
  const types = (await world.story(letterId)).filter((type) => type.startsWith('Print'));
  expect(types).toEqual(['PrintRequested', 'PrintPrepared']);
});

test('a document that is lost makes the job fail for good, and another may be asked for', async () => {
  const letterId = await deposited();
  const { db } = world.stores;
  const documents = db.collection<{ _id: string }>('documents.files');
  const [lost] = await documents.find({ _id: { $regex: `^${letterId}/` } }).toArray();
  await documents.deleteMany({ _id: { $regex: `^${letterId}/` } });
  expect(lost).toBeDefined();
  await askForPaper(letterId);
  const { event } = await world.event(letterId, 'PrintFailed');
  expect(event.data.reason).toBe('DOCUMENT_MISSING');
  await askForPaper(letterId);
  await world.event(letterId, 'PrintFailed', 2);
});
