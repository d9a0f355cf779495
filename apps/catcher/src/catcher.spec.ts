/**
 * mailparser mixes ES and CommonJS modules in a cycle, which Jest only bears when "import" is not forced upon CommonJS.
 * @jest-environment-options {"customExportConditions": ["source", "node"]}
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpSmsGateway, SmtpMailer, type Mail } from '#libs/messaging';
import { startCatcher, type Catcher } from './catcher.js';

const mail: Mail = {
  messageId: 'letter-1.notice-1@pli.example',
  from: 'Pli <pli@agence.example>',
  to: 'jean-luc@locataire.example',
  subject: 'Lettre recommandée électronique',
  text: 'Bonjour,\n\nhttps://pli.example/lre/1/abc?a=1&b=2.\n',
  html: '<p>Bonjour <script>alert(1)</script><a href="https://pli.example/lre/1/abc?a&#x3D;1&amp;b&#x3D;2">signez</a></p>',
};
const sms = { deliveryId: 'letter-1.otp-1', to: '+33612345678', text: 'Votre code : 483920' };

let data: string;
let catcher: Catcher;
let mailer: SmtpMailer;
let gateway: HttpSmsGateway;

async function start(): Promise<void> {
  catcher = await startCatcher({ host: '127.0.0.1', port: 0, smtpPort: 0, data });
  mailer = new SmtpMailer({ url: catcher.smtpUrl, timeoutMs: 5_000 });
  gateway = new HttpSmsGateway({ url: `${catcher.url}/sms`, timeoutMs: 5_000 });
}

async function stop(): Promise<void> {
  await mailer.close();
  await catcher.close();
}

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'pli-catcher-'));
  await start();
});

afterEach(async () => {
  await stop();
  await rm(data, { recursive: true });
});

const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(`${catcher.url}${path}`, init);

async function messages(query = ''): Promise<Record<string, unknown>[]> {
  const response = await ask(`/api/messages${query}`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { messages: Record<string, unknown>[] }).messages;
}

const post = (body: string, type = 'application/json'): Promise<Response> =>
  ask('/sms', { method: 'POST', headers: { 'Content-Type': type }, body });

describe('what is caught', () => {
  it('a mail, whole', async () => {
    await mailer.send(mail);
    const [caught, ...others] = await messages();
    expect(others).toEqual([]);
    expect(caught).toEqual({
      id: expect.any(Number),
      kind: 'mail',
      from: '"Pli" <pli@agence.example>',
      to: mail.to,
      subject: mail.subject,
      text: expect.stringContaining('Bonjour,'),
      html: expect.stringContaining('signez'),
      links: ['https://pli.example/lre/1/abc?a=1&b=2'],
      copy: 1,
      messageId: mail.messageId,
      receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    await expect(ask(`/api/messages/${String(caught?.['id'])}`).then((answer) => answer.json())).resolves.toEqual(
      caught,
    );
  });

  it('a text message, whole', async () => {
    await expect(gateway.send(sms)).resolves.toEqual({ outcome: 'accepted' });
    expect(await messages()).toEqual([
      expect.objectContaining({ ...sms, kind: 'sms', from: null, subject: null, html: null, links: [], copy: 1 }),
    ]);
  });

  it('a double, as a second message that says so', async () => {
    for (let sent = 0; sent < 2; sent++) {
      await mailer.send(mail);
      await gateway.send(sms);
    }
    await mailer.send({ ...mail, to: 'autre@locataire.example' });
    expect((await messages('?kind=mail')).map(({ copy }) => copy)).toEqual([1, 2, 1]);
    expect((await messages('?kind=sms')).map(({ copy }) => copy)).toEqual([2, 1]);
    expect(await (await ask('/')).text()).toContain('2ᵉ exemplaire');
  });

  it('and found again after a stop, under ids that go on', async () => {
    await mailer.send(mail);
    const [before] = await messages();
    await stop();
    await start();
    await gateway.send(sms);
    const [after, same] = await messages();
    expect(same).toEqual(before);
    expect(after?.['id']).toBe(Number(before?.['id']) + 1);
  });
});

describe('what is refused, so that it can be tried out', () => {
  it('refus.example for good', async () => {
    await expect(mailer.send({ ...mail, to: 'x@REFUS.example' })).resolves.toEqual({
      outcome: 'refused',
      code: 550,
      response: '550 5.1.1 No such mailbox here',
    });
    expect(await messages()).toEqual([]);
  });

  it('plus-tard.example for now', async () => {
    await expect(mailer.send({ ...mail, to: 'x@plus-tard.example' })).rejects.toMatchObject({
      code: 'MAIL_UNAVAILABLE',
      reason: expect.stringContaining('451 4.3.0'),
    });
  });

  it('but neither of them as a part of another domain', async () => {
    await expect(mailer.send({ ...mail, to: 'x@non-refus.example' })).resolves.toEqual({ outcome: 'accepted' });
  });

  it('a number that ends in 0000', async () => {
    const outcome = await gateway.send({ ...sms, to: '+33612340000' });
    expect(outcome).toMatchObject({ outcome: 'refused', reason: expect.stringMatching(/^422 .*not in service/) });
    expect(await messages()).toEqual([]);
  });
});

describe('what the SMS gateway does not take', () => {
  it.each([
    ['no JSON', '{', 400],
    ['no object', '[]', 400],
    ['a missing field', JSON.stringify({ to: sms.to, text: sms.text }), 400],
    ['an empty text', JSON.stringify({ ...sms, text: ' ' }), 400],
    ['an unknown field', JSON.stringify({ ...sms, from: 'Pli' }), 400],
    ['a number that is not E.164', JSON.stringify({ ...sms, to: '0612345678' }), 400],
    ['a text that is too long', JSON.stringify({ ...sms, text: 'x'.repeat(1601) }), 400],
    ['a request that is too long', JSON.stringify({ ...sms, text: 'x'.repeat(20_000) }), 413],
  ])('%s', async (_case, body, status) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.text()).not.toContain('483920');
    expect(await messages()).toEqual([]);
  });

  it('a form of another site, and GET', async () => {
    expect((await post(JSON.stringify(sms), 'text/plain')).status).toBe(415);
    expect((await ask('/sms')).status).toBe(405);
  });
});

describe('what programs can ask for', () => {
  it('by recipient, by kind, since an instant, and page by page', async () => {
    await mailer.send(mail);
    await gateway.send(sms);
    await mailer.send({ ...mail, to: 'autre@locataire.example' });
    const all = await messages();
    expect(all.map(({ kind }) => kind)).toEqual(['mail', 'sms', 'mail']);
    expect(await messages(`?to=${mail.to.toUpperCase()}`)).toEqual([all[2]]);
    expect(await messages('?to=+33612345678')).toEqual([all[1]]);
    expect(await messages('?to=%2B33612345678&kind=mail')).toEqual([]);
    expect(await messages('?kind=sms')).toEqual([all[1]]);
    expect(await messages(`?since=${String(all[1]?.['receivedAt'])}`)).toEqual(
      expect.arrayContaining([all[0], all[1]]),
    );
    expect(await messages('?since=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await messages(`?limit=1&before=${String(all[0]?.['id'])}`)).toEqual([all[1]]);
  });

  it.each(['?kind=fax', '?since=hier', '?limit=0', '?before=x'])('but not %s', async (query) => {
    const answer = await ask(`/api/messages${query}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('and nothing that is not there', async () => {
    for (const path of [
      '/api/messages/1',
      '/api/other',
      '/messages/1',
      '/assets/../main.js',
      '/assets/__proto__',
      '/x',
    ]) {
      expect((await ask(path)).status).toBe(404);
    }
    expect((await ask('/', { method: 'DELETE' })).status).toBe(405);
    expect((await ask('/health/live')).status).toBe(200);
  });
});

describe('the pages', () => {
  it('list and show what was caught', async () => {
    await mailer.send(mail);
    await gateway.send({ ...sms, text: '<b>483920</b>' });
    const inbox = await (await ask('/')).text();
    expect(inbox).toContain(mail.subject);
    expect(inbox).toContain('&lt;b&gt;483920&lt;/b&gt;');
    expect(inbox).toContain('2 messages');
    const [, caught] = await messages();
    const id = String(caught?.['id']);
    const page = await (await ask(`/messages/${id}`)).text();
    expect(page).toContain(mail.messageId);
    expect(page).toContain('Auto-Submitted: auto-generated');
    expect(page).toContain('href="https://pli.example/lre/1/abc?a&#x3D;1&amp;b&#x3D;2" target="_blank"');
    expect(page).not.toContain('alert(1)');
    const source = await ask(`/messages/${id}/source`);
    expect(await source.text()).toContain(`Message-ID: <${mail.messageId}>`);
  });

  it('let a mail neither run a script nor load anything nor frame the inbox', async () => {
    await mailer.send(mail);
    const [caught] = await messages();
    const id = String(caught?.['id']);
    const body = (await ask(`/messages/${id}/body`)).headers.get('content-security-policy');
    expect(body).toContain("default-src 'none'");
    expect(body).toMatch(/sandbox allow-popups allow-popups-to-escape-sandbox$/);
    const page = await ask(`/messages/${id}`);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await page.text()).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
  });

  it('carry no script and no style of their own', async () => {
    const inbox = await (await ask('/')).text();
    expect(inbox).toContain('Aucun message pour l’instant');
    expect(inbox).not.toMatch(/<style|style=|<script>|<script(?![^>]*src=)|\son\w+=/);
    for (const [, path] of inbox.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) {
      expect((await ask(path ?? '')).status).toBe(200);
    }
  });

  it('lead to older messages', async () => {
    for (let sent = 1; sent <= 101; sent++)
      await gateway.send({ ...sms, deliveryId: `d${sent}`, text: `message ${sent}.` });
    const first = await (await ask('/')).text();
    expect(first).not.toContain('message 1.<');
    const older = /class="button quiet" href="([^"]+)"/.exec(first)?.[1] ?? '';
    expect(await (await ask(older.replaceAll('&#x3D;', '='))).text()).toContain('message 1.<');
  });

  it('learn of a new message by themselves', async () => {
    const stream = await new Promise<AsyncIterator<Buffer>>((resolve, reject) => {
      get(`${catcher.url}/changes`, (response) =>
        resolve(response[Symbol.asyncIterator]() as AsyncIterator<Buffer>),
      ).on('error', reject);
    });
    expect(String((await stream.next()).value)).toContain('retry:');
    await gateway.send(sms);
    const [caught] = await messages();
    expect(String((await stream.next()).value)).toContain(`data: ${String(caught?.['id'])}`);
  });
});

describe('the start', () => {
  it('fails when a port is taken, and leaves nothing open', async () => {
    const taken = Number(new URL(catcher.smtpUrl).port);
    await expect(startCatcher({ host: '127.0.0.1', port: 0, smtpPort: taken, data })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
