import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { HttpSmsGateway, SmtpMailer } from '#libs/messaging';

// The built application, as it runs on a machine: `npm test` builds before it tests.
const MAIN = fileURLToPath(new URL('../../../dist/apps/catcher/src/main.js', import.meta.url));

let data: string;
const processes: ChildProcess[] = [];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'pli-catcher-main-'));
});

afterEach(async () => {
  for (const child of processes.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(data, { recursive: true, force: true });
});

function run(variables: Record<string, string>): ChildProcess {
  const environment = { ...process.env, PLI_HOST: '127.0.0.1', PLI_PORT: '0', PLI_SMTP_PORT: '0', PLI_DATA: data };
  const child = spawn(process.execPath, [MAIN], {
    env: { ...environment, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  processes.push(child);
  return child;
}

async function started(): Promise<{ child: ChildProcess; url: string; smtpUrl: string }> {
  const child = run({});
  if (!child.stdout) throw new TypeError('The catcher was started without a pipe to its output.');
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url, smtpUrl] = /on (http:\S+), mail on (smtp:\S+)/.exec(line) ?? [];
    if (url && smtpUrl) return { child, url, smtpUrl };
  }
  throw new TypeError('The catcher ended before it was ready: is dist up to date?');
}

const caughtBy = async (url: string): Promise<string[]> => {
  const { messages } = (await (await fetch(`${url}/api/messages`)).json()) as { messages: { text: string }[] };
  return messages.map(({ text }) => text.trim());
};

test('what was answered with 250 or 201 survives a SIGKILL in the very next moment', async () => {
  const { child, url, smtpUrl } = await started();
  const mailer = new SmtpMailer({ url: smtpUrl });
  const mail = {
    messageId: 'm@x.example',
    from: 'a@x.example',
    to: 'b@x.example',
    subject: 's',
    text: 'le mail',
    html: '',
  };
  await mailer.send(mail);
  await new HttpSmsGateway({ url: `${url}/sms` }).send({ deliveryId: 'd', to: '+33612345678', text: 'le SMS' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await mailer.close();
  const again = await started();
  expect(await caughtBy(again.url)).toEqual(['le SMS', 'le mail']);
});

test('SIGTERM ends it cleanly, also while a mailer and a page hold their connections', async () => {
  const { child, url, smtpUrl } = await started();
  const mailer = new SmtpMailer({ url: smtpUrl });
  await mailer.send({
    messageId: 'm@x.example',
    from: 'a@x.example',
    to: 'b@x.example',
    subject: 's',
    text: 't',
    html: '',
  });
  const page = await fetch(`${url}/changes`);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  await Promise.all([mailer.close(), page.body?.cancel().catch(() => undefined)]);
});

test('a taken port or a wrong setting ends the start with one sentence', async () => {
  const { url } = await started();
  for (const [variables, sentence] of [
    [{ PLI_PORT: new URL(url).port }, /^Port \d+ is taken: give the catcher other ports.*\n$/],
    [{ PLI_SMTP_PORT: 'x' }, /^Configuration of the catcher: PLI_SMTP_PORT must be.*\n$/],
  ] as const) {
    const child = run(variables);
    let words = '';
    child.stderr?.on('data', (chunk: Buffer) => (words += chunk.toString()));
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(words).toMatch(sentence);
  }
});
