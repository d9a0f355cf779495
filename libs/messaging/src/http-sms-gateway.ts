import type { Sms, SmsGateway, SmsOutcome } from './sms-gateway.js';
import { SmsUnavailable } from './sms-gateway.js';
import { serviceAddress } from './misconfigured.js';
import { outsideWords } from './outside-words.js';

export interface HttpSmsGatewayOptions {
  /** `http://…` or `https://…`; a `user:password@` in it is sent as Basic authentication. */
  url: string;
  /** Milliseconds for a whole request. Default 20 000. */
  timeoutMs?: number;
}

/** 4xx that say nothing about the number: log-in (RFC 9110 §15.5.2, §15.5.8), slow request, too early, too many requests. */
const WORTH_RETRYING: ReadonlySet<number> = new Set([401, 407, 408, 425, 429]);

const MOST_BYTES_READ = 4096;

/** SmsGateway over HTTP: POST of `{deliveryId, to, text}` as JSON; 2xx accepts, 4xx refuses, everything else is worth a retry. */
export class HttpSmsGateway implements SmsGateway {
  private readonly url: string;
  private readonly headers: Record<string, string>;
  private readonly timeoutMs: number;

  /** @throws MessagingMisconfigured when `url` is not an HTTP address */
  constructor({ url, timeoutMs = 20_000 }: HttpSmsGatewayOptions) {
    const address = serviceAddress(url, 'SMS gateway (SMS_GATEWAY_URL)', ['http:', 'https:']);
    const credentials = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
    address.username = address.password = '';
    this.url = address.href;
    this.headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    if (credentials !== ':') this.headers.Authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
    this.timeoutMs = timeoutMs;
  }

  async send({ deliveryId, to, text }: Sms): Promise<SmsOutcome> {
    const { status, body } = await this.post({ deliveryId, to, text });
    if (status >= 200 && status < 300) return { outcome: 'accepted' };
    if (status >= 400 && status < 500 && !WORTH_RETRYING.has(status)) {
      return { outcome: 'refused', reason: outsideWords(`${status} ${body}`, text) };
    }
    throw new SmsUnavailable(deliveryId, `HTTP status ${status}`);
  }

  private async post(sms: Sms): Promise<{ status: number; body: string }> {
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        headers: this.headers,
        body: JSON.stringify(sms),
        // A redirected POST would reach another party with the code in it.
        redirect: 'manual',
        signal: AbortSignal.timeout(this.timeoutMs),
      });
      return { status: response.status, body: response.ok ? await dropped(response) : await beginning(response) };
    } catch (error) {
      throw new SmsUnavailable(sms.deliveryId, networkReason(error));
    }
  }
}

async function dropped(response: Response): Promise<''> {
  await response.body?.cancel();
  return '';
}

async function beginning(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MOST_BYTES_READ) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES_READ).toString('utf8');
}

/** The code alone: the words of a network error may quote what was sent. */
function networkReason(error: unknown): string {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: { code?: unknown } };
  return [cause?.code, name].find((word) => typeof word === 'string') ?? 'no answer';
}
