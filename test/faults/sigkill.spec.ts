import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'puppeteer';
import { openBrowser, printLetter } from '../../apps/tour/src/browser.js';
import { Recipient } from '../../apps/tour/src/recipient.js';
import { until } from '../../apps/tour/src/waiting.js';
import { wholeInstance, type WholeInstance } from '../story/instance.js';

const NOTICE = 'lettre recommandée électronique';
const LETTERS = 4;
/** Happens once in a letter's life, however often it is tried. */
const ONCE = ['Submitted', 'Deposited', 'Notified', 'Accepted', 'Signed'];

let whole: WholeInstance;
let browser: Browser;
let pdf: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  whole = await wholeInstance();
  browser = await openBrowser(process.env['PUPPETEER_EXECUTABLE_PATH']);
  pdf = await printLetter(browser, 'Rappel recommandé', 'Votre loyer reste impayé.');
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await whole?.close();
});

/** SIGKILL for every process of the instance at the same moment; answers once all of them serve again. */
async function killEverything(): Promise<void> {
  const processes = [...whole.instance.processes.values()];
  await Promise.all(processes.map((process) => process.kill('SIGKILL')));
  await Promise.all(processes.map((process) => process.ready()));
}

/** Hands a letter in as a careful program does: with a key, and again until the service has answered. */
async function send(index: number, key: string): Promise<string> {
  const form = new FormData();
  const letter = {
    dossier: '001',
    partyCode: `4000${index}`,
    partyKind: 'tenant',
    recipient: recipientOf(index),
    otp: false,
  };
  form.append('letter', new Blob([JSON.stringify(letter)], { type: 'application/json' }));
  form.append('document', new Blob([pdf], { type: 'application/pdf' }), 'rappel.pdf');
  const headers = { authorization: `Bearer ${whole.apiKey}`, 'idempotency-key': key };
  return until(`letter ${index} to be taken in`, async () => {
    const init = { method: 'POST', body: form, headers };
    const answer = await fetch(`${whole.instance.addresses.agency}/api/letters`, init).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as { id: string }).id : undefined;
  });
}

const emailOf = (index: number): string => `destinataire.${index}@exemple.example`;
const recipientOf = (index: number): object => ({
  civility: 'M.',
  name: `DESTINATAIRE ${index}`,
  email: emailOf(index),
});

test('every process is killed in mid-flow, again and again: the story finishes, nothing is lost, no event is doubled', async () => {
  const indexes = Array.from({ length: LETTERS }, (_, index) => index);
  const sending = Promise.all(indexes.map((index) => send(index, randomUUID())));
  await delay(150);
  await killEverything();
  const ids = await sending;
  expect(new Set(ids).size).toBe(LETTERS);

  // Acknowledgements are being printed, notices are being mailed.
  await delay(300);
  await killEverything();
  for (const id of ids) await whole.api.hasEvents(id, 'Notified');

  for (const [index, id] of ids.entries()) {
    const recipient = await Recipient.open(browser, whole.inbox, emailOf(index), NOTICE);
    await recipient.accept();
    if (index === 0) {
      await killEverything();
      await recipient.page.reload();
    }
    await recipient.sign();
    await recipient.close();
    expect((await whole.api.letter(id)).status).toBe('signed');
  }

  // The confirmations are on their way.
  await killEverything();
  for (const id of ids) {
    // The deposit proof, the confirmation, the signed documents.
    const letter = await until(`all e-mails after the signature of ${id}`, async () => {
      const read = await whole.api.letter(id);
      return read.events.filter(({ type }) => type === 'Informed').length === 3 ? read : undefined;
    });
    const types = letter.events.map(({ type }) => type);
    for (const type of ONCE) expect([type, types.filter((other) => other === type)]).toEqual([type, [type]]);
    expect((await whole.pli('letter', 'show', id)).stdout).toMatch(/chain|chaîne/i);
  }

  // At least once outside the store: a mail that came twice is the same mail.
  for (const index of indexes) {
    const notices = (await whole.inbox.messages('mail', emailOf(index))).filter(({ text }) => text.includes('/lre/'));
    const perSubject = Map.groupBy(notices, ({ subject }) => subject);
    for (const [, mails] of perSubject) expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
  }

  const list = await fetch(`${whole.instance.addresses.agency}/api/letters?limit=50`, {
    headers: { authorization: `Bearer ${whole.apiKey}` },
  });
  const { letters } = (await list.json()) as { letters: { id: string }[] };
  expect(letters.map(({ id }) => id).sort()).toEqual([...ids].sort());
}, 300_000);
