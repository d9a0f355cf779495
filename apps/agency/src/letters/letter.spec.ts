import { createHash, randomUUID } from 'node:crypto';
import { DocumentStore } from '#libs/documents';
import { Keyring } from '#libs/event-store';
import type { LetterCommand } from '#libs/letter';
import { jsonOf, type Browser, type Program } from '../spec/clients.js';
import { letter, pdf } from '../spec/papers.js';
import { RunningAgency } from '../spec/running-agency.js';

let running: RunningAgency;
let browser: Browser;
let program: Program;
const session = 'a-session';

beforeAll(async () => {
  running = await RunningAgency.start();
  const latour = await running.register('9998');
  browser = await running.signedIn(latour);
  program = running.program(latour.apiKey);
});
afterAll(() => running.close());

const now = () => running.clock.now();

async function submitted(changes: Record<string, unknown> = {}): Promise<string> {
  const answer = await program.submit(letter({ otp: false, ...changes }), [await pdf('Relance été.pdf')]);
  return String(jsonOf(answer)['id']);
}

/** What the worker does: prints and stores the acknowledgement, then deposits. */
async function deposited(id: string): Promise<{ sha256: string; bytes: Buffer }> {
  const bytes = Buffer.from(await (await pdf('AR')).arrayBuffer());
  const key = await running.app.get<Keyring>(Keyring).get(`letter-${id}`);
  await running.app.get(DocumentStore).put(id, key.derive('documents'), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const acknowledgement = { sha256, size: bytes.length, pages: 1 };
  await running.tell(id, { type: 'confirmDeposit', acknowledgement, at: now() });
  return { sha256, bytes };
}

async function notified(id: string): Promise<void> {
  await deposited(id);
  const linkHash = 'a'.repeat(64);
  await running.tell(id, { type: 'confirmNotice', notice: 1, messageId: 'm1', linkHash, at: now() });
}

const tell = (id: string, ...commands: LetterCommand[]) =>
  commands.reduce((before, command) => before.then(() => running.tell(id, command)), Promise.resolve());

describe('where a letter stands', () => {
  const failure = { notice: 1, messageId: 'm1', code: 550, response: '550 5.1.1 no such user' } as const;
  const sign = { session, packageNumber: '7AD0F7866F46', consent: 'v1', signatory: 'Mme Armande Rose' } as const;
  const ends: [string, string, (id: string) => Promise<unknown>, RegExp][] = [
    ['submitted', 'En cours de dépôt', () => Promise.resolve(), /accusé de réception ; l’avis/],
    [
      'deposit-failed',
      'Échec du dépôt',
      (id) => tell(id, { type: 'failDeposit', reason: 'PRINT_FAILED', at: now() }),
      /PRINT_FAILED\) et rien n’a été envoyé/,
    ],
    ['deposited', 'Déposé', deposited, /en cours d’envoi/],
    [
      'notification-failed',
      'Échec de notification',
      async (id) => {
        await deposited(id);
        await tell(id, { type: 'failNotice', ...failure, at: now() });
      },
      /refusé l’avis \(code 550\)/,
    ],
    ['notified', 'Notifié', notified, /invité à donner son accord, puis à signer, jusqu’au .* inclus/],
    [
      'accepted',
      'Accepté',
      async (id) => {
        await notified(id);
        await tell(id, { type: 'accept', session, at: now() });
      },
      /doit encore signer/,
    ],
    [
      'signed',
      'Signé',
      async (id) => {
        await notified(id);
        await tell(id, { type: 'accept', session, at: now() }, { type: 'sign', ...sign, at: now() });
      },
      /Le destinataire a signé le/,
    ],
    [
      'refused',
      'Refusé',
      async (id) => {
        await notified(id);
        await tell(id, { type: 'refuse', session, at: now() });
      },
      /a refusé la lettre le/,
    ],
    [
      'expired',
      'Expiré',
      async (id) => {
        await notified(id);
        const at = new Date(Date.parse(now()) + 17 * 24 * 3_600_000).toISOString();
        await tell(id, { type: 'expire', at });
      },
      /n’a pas été réclamée/,
    ],
  ];

  test.each(ends)('%s: on its page, by the API and in the history', async (status, label, happen, sentence) => {
    const id = await submitted();
    await happen(id);
    const page = await browser.get(`/lettres/${id}`);
    expect(page.status).toBe(200);
    expect(page.text).toMatch(new RegExp(`<span class="tag [a-z]+">${label}</span>`));
    expect(page.text).toMatch(sentence);
    const read = jsonOf(await program.request(`/api/letters/${id}`));
    expect(read).toMatchObject({ id, status, statusLabel: label, message: expect.stringMatching(sentence) });
    expect(await shownInHistory(id, status)).toMatchObject({ status, statusLabel: label, message: expect.any(String) });
  });

  /** The row once the projection has got there. */
  async function shownInHistory(id: string, status: string): Promise<object | undefined> {
    for (;;) {
      const { letters } = jsonOf(await program.request(`/api/letters?status=${status}`)) as {
        letters: { id: string }[];
      };
      const row = letters.find((shown) => shown.id === id);
      if (row) return row;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  test('with a code by SMS the recipient is asked for it, too', async () => {
    const id = await submitted({ otp: true });
    await notified(id);
    expect((await browser.get(`/lettres/${id}`)).text).toContain('saisir le code reçu par SMS');
  });
});

describe('events', () => {
  test('the page has a French line for each, the API its public part in the order of the stream', async () => {
    const id = await submitted();
    await notified(id);
    const page = await browser.get(`/lettres/${id}`);
    const lines = [...page.text.matchAll(/<\/time>([^<]+)</g)].map(([, line]) => line);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe('Lettre déposée, accusé de réception établi');
    const { events } = jsonOf(await program.request(`/api/letters/${id}`)) as { events: Record<string, unknown>[] };
    expect(events.map(({ revision, type }) => [revision, type])).toEqual([
      [0, 'Submitted'],
      [1, 'Deposited'],
      [2, 'Notified'],
    ]);
    for (const { chain } of events) expect(chain).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(events)).not.toContain('Rose');
  });
});

describe('documents', () => {
  test('each is read in the browser or kept under its name, the acknowledgement included', async () => {
    const id = await submitted();
    const acknowledgement = await deposited(id);
    const { documents, reference } = jsonOf(await program.request(`/api/letters/${id}`)) as {
      documents: { sha256: string; name: string; kind: string; href: string }[];
      reference: string;
    };
    expect(documents.map(({ kind, name }) => [kind, name])).toEqual([
      ['acknowledgement', `AR ${reference}.pdf`],
      ['document', 'Relance été.pdf'],
    ]);
    const read = await browser.get(`/lettres/${id}/documents/${acknowledgement.sha256}`);
    expect(read.bytes.equals(acknowledgement.bytes)).toBe(true);
    expect(read.headers.get('content-type')).toBe('application/pdf');
    expect(read.headers.get('content-disposition')).toMatch(/^inline; /);
    const own = documents[1];
    const kept = await browser.get(`/lettres/${id}/documents/${own?.sha256 ?? ''}?telecharger=1`);
    expect(kept.headers.get('content-disposition')).toBe(
      `attachment; filename="Relance ete.pdf"; filename*=UTF-8''Relance%20%C3%A9t%C3%A9.pdf`,
    );
    const byApi = await program.request(own?.href ?? '');
    expect(createHash('sha256').update(byApi.bytes).digest('hex')).toBe(own?.sha256);
  });

  test('a document of another letter is not this letter’s', async () => {
    const [id, other] = [await submitted(), await submitted()];
    const { sha256 } = await deposited(other);
    expect((await browser.get(`/lettres/${id}/documents/${sha256}`)).status).toBe(404);
    expect((await program.request(`/api/letters/${id}/documents/${sha256}`)).status).toBe(404);
  });

  test.each(['x', randomUUID(), '..%2f..%2fetc'])('no letter has the id %s', async (id) => {
    expect((await browser.get(`/lettres/${id}`)).status).toBe(404);
    const answer = await program.request(`/api/letters/${id}`);
    expect([answer.status, jsonOf(answer)['code']]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('proofs', () => {
  const event = randomUUID();

  /** What the worker does: writes and seals the proof, then keeps its timestamp, or flags that there is none yet. */
  async function proved(id: string, steps: readonly ('delay' | 'issue')[]): Promise<Buffer> {
    const bytes = Buffer.from(await (await pdf('Preuve')).arrayBuffer());
    const key = await running.app.get<Keyring>(Keyring).get(`letter-${id}`);
    const print = { ...(await running.app.get(DocumentStore).put(id, key.derive('documents'), bytes)), pages: 1 };
    const written = { template: 'proof-1', draft: print, record: 'b'.repeat(64), seal: 'MIIC' };
    await running.tellProofs(id, { type: 'sealProof', proof: event, kind: 'deposit', ...written, at: now() });
    const timestamp = { token: 'MIIB', time: '2026-01-06T08:00:00.000Z', authority: 'O=Pli', revocationLists: [] };
    for (const step of steps) {
      if (step === 'delay') await running.tellProofs(id, { type: 'delayTimestamp', proof: event, at: now() });
      else
        await running.tellProofs(id, { type: 'keepTimestamp', proof: event, ...timestamp, document: print, at: now() });
    }
    return bytes;
  }

  test('one that waits for its timestamp is shown so, and is no document yet', async () => {
    const id = await submitted();
    await deposited(id);
    await proved(id, ['delay']);
    const page = await browser.get(`/lettres/${id}`);
    expect(page.text).toContain('Horodatage en attente : le service d’horodatage ne répond pas');
    const { proofs } = jsonOf(await program.request(`/api/letters/${id}`)) as { proofs: object[] };
    expect(proofs).toEqual([
      expect.objectContaining({ event, kind: 'deposit', status: 'delayed', timestampedAt: null }),
    ]);
  });

  test('one that is issued is read by the agency, on the page and by the API, and by nobody else', async () => {
    const id = await submitted();
    await deposited(id);
    const bytes = await proved(id, ['issue']);
    const { proofs, reference } = jsonOf(await program.request(`/api/letters/${id}`)) as {
      proofs: { href: string; sha256: string }[];
      reference: string;
    };
    expect(proofs).toEqual([
      expect.objectContaining({
        label: 'Preuve de dépôt',
        status: 'issued',
        timestampedAt: '2026-01-06T08:00:00.000Z',
      }),
    ]);
    const page = await browser.get(`/lettres/${id}`);
    expect(page.text).toMatch(/Preuve de dépôt<\/strong><br><small>Scellée et horodatée le 06\/01\/2026/);
    const [proof] = proofs;
    const kept = await browser.get(`/lettres/${id}/documents/${proof?.sha256 ?? ''}?telecharger=1`);
    expect(kept.bytes.equals(bytes)).toBe(true);
    expect(kept.headers.get('content-disposition')).toContain(`Preuve de depot ${reference}.pdf`);
    expect((await program.request(proof?.href ?? '')).bytes.equals(bytes)).toBe(true);
    const stranger = running.program((await running.register('9997')).apiKey);
    expect((await stranger.request(proof?.href ?? '')).status).toBe(404);
  });
});

describe('a notice that bounced', () => {
  async function bounced(): Promise<string> {
    const id = await submitted();
    await deposited(id);
    const failure = { notice: 1, messageId: 'm1', code: 550, response: '550 no <such> user' };
    await running.tell(id, { type: 'failNotice', ...failure, at: now() });
    return id;
  }

  test('is explained with the words of the mail system, and the address can be corrected', async () => {
    const id = await bounced();
    const page = await browser.get(`/lettres/${id}`);
    expect(page.text).toContain('550 no &lt;such&gt; user');
    const answer = await browser.submit(`/lettres/${id}/adresse`, { email: 'rose@example.org' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/lettres/${id}`]);
    const corrected = await browser.get(`/lettres/${id}`);
    expect(corrected.text).toContain('rose@example.org');
    expect(corrected.text).not.toContain('Corriger l’adresse');
  });

  test.each([
    ['an address that is none', 'rose@', 'n’est pas valable'],
    ['the same address', 'armande.rose@example.fr', 'vient d’échouer'],
  ])('%s is refused beside the field', async (_name, email, sentence) => {
    const id = await bounced();
    const answer = await browser.submit(`/lettres/${id}/adresse`, { email });
    expect(answer.status).toBe(422);
    expect(answer.text).toMatch(new RegExp(`id="email-fault">[^<]*${sentence}`));
    expect(answer.text).toContain(`value="${email}"`);
  });

  test('the address of a letter that did not bounce cannot be changed', async () => {
    const id = await submitted();
    await notified(id);
    const answer = await browser.submit(`/lettres/${id}/adresse`, { email: 'rose@example.org' });
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('ne se corrige qu’après un échec');
    expect(jsonOf(await program.request(`/api/letters/${id}`))).toMatchObject({ status: 'notified' });
  });
});
