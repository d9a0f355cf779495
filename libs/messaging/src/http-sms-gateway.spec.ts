import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { HttpSmsGateway, MessagingMisconfigured, SmsUnavailable, type Sms } from './index.js';

const sms: Sms = { deliveryId: 'letter-1.otp-1', to: '+33612345678', text: 'Votre code : 483920. Valable 10 minutes.' };

interface Asked {
  method: string | undefined;
  url: string | undefined;
  type: string | undefined;
  authorization: string | undefined;
  body: unknown;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function gateway(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || 'null');
      asked.push({ method, url, type: headers['content-type'], authorization: headers.authorization, body });
      answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms`, asked };
}

const status =
  (code: number, body = '') =>
  (response: ServerResponse) =>
    void response.writeHead(code).end(body);

async function failure(sending: Promise<unknown>): Promise<SmsUnavailable> {
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SmsUnavailable);
  return error as SmsUnavailable;
}

describe('the SmsGateway contract, kept by HttpSmsGateway', () => {
  it.each([200, 201, 202, 204])('hands the message over as it was given (%i)', async (code) => {
    const { url, asked } = await gateway(status(code));
    await expect(new HttpSmsGateway({ url }).send(sms)).resolves.toEqual({ outcome: 'accepted' });
    expect(asked).toEqual([
      { method: 'POST', url: '/sms', type: 'application/json', authorization: undefined, body: { ...sms } },
    ]);
  });

  it.each([400, 403, 404, 410, 422])('reports a number refused for good (%i)', async (code) => {
    const { url } = await gateway(status(code, '{"detail":"number not in service"}'));
    const outcome = await new HttpSmsGateway({ url }).send(sms);
    expect(outcome).toEqual({ outcome: 'refused', reason: `${code} {"detail":"number not in service"}` });
  });

  it.each([301, 307, 401, 408, 425, 429, 500, 502, 503, 504])('finds %i worth sending again', async (code) => {
    const { url, asked } = await gateway((response) =>
      response.writeHead(code, { Location: '/elsewhere' }).end('{"detail":"483920"}'),
    );
    const error = await failure(new HttpSmsGateway({ url }).send(sms));
    expect(error).toMatchObject({ code: 'SMS_UNAVAILABLE', deliveryId: sms.deliveryId, reason: `HTTP status ${code}` });
    expect(asked).toHaveLength(1);
  });

  it('finds a log-in asked for by a proxy worth sending again', async () => {
    const { url } = await gateway(status(407));
    await failure(new HttpSmsGateway({ url }).send(sms));
  });

  it('finds a gateway worth waiting for when nobody listens', async () => {
    const { url } = await gateway(status(200));
    await closers.pop()?.();
    expect((await failure(new HttpSmsGateway({ url }).send(sms))).reason).toBe('ECONNREFUSED');
  });

  it('finds a gateway worth waiting for when it hangs up', async () => {
    const { url } = await gateway((response) => response.destroy());
    await failure(new HttpSmsGateway({ url }).send(sms));
  });

  it('finds a gateway worth waiting for when it stays silent', async () => {
    const { url } = await gateway(() => undefined);
    expect((await failure(new HttpSmsGateway({ url, timeoutMs: 150 }).send(sms))).reason).toBe('TimeoutError');
  });

  it('finds a gateway worth waiting for when its answer never ends', async () => {
    const { url } = await gateway((response) => response.writeHead(422).flushHeaders());
    await failure(new HttpSmsGateway({ url, timeoutMs: 150 }).send(sms));
  });

  it('reads no more than the beginning of an answer', async () => {
    const { url } = await gateway(status(422, 'x'.repeat(5_000_000)));
    const outcome = await new HttpSmsGateway({ url }).send(sms);
    expect(outcome).toMatchObject({ outcome: 'refused' });
    expect(JSON.stringify(outcome).length).toBeLessThan(700);
  });

  it('logs in with the user and password of the address', async () => {
    const { url, asked } = await gateway(status(202));
    await new HttpSmsGateway({ url: url.replace('//', '//pli:s%C3%A9same@') }).send(sms);
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from('pli:sésame').toString('base64')}`);
  });
});

describe('what HttpSmsGateway never tells', () => {
  it('a code that the gateway quotes', async () => {
    const { url } = await gateway(status(422, `refused: ${sms.text}`));
    const outcome = await new HttpSmsGateway({ url }).send(sms);
    expect(outcome).toEqual({ outcome: 'refused', reason: '422 refused: Votre code : […]. Valable 10 minutes.' });
  });

  it('the text or the password in an error', async () => {
    const { url } = await gateway(status(503, sms.text));
    const address = url.replace('//', '//pli:mot-de-passe@');
    const shown = inspect(await failure(new HttpSmsGateway({ url: address }).send(sms)), {
      depth: 9,
      showHidden: true,
    });
    for (const secret of ['483920', 'Votre code', 'mot-de-passe']) expect(shown).not.toContain(secret);
  });

  it('an SMS_GATEWAY_URL that is wrong, password and all', () => {
    for (const url of ['smtp://pli:mot-de-passe@x', 'mot-de-passe', '']) {
      expect(() => new HttpSmsGateway({ url })).toThrow(MessagingMisconfigured);
      expect(() => new HttpSmsGateway({ url })).not.toThrow(/mot-de-passe/);
    }
  });
});
