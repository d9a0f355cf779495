export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
}

type WithHeaders = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };

async function answerOf(response: Response): Promise<Answer> {
  const isEndless = response.headers.get('content-type')?.startsWith('text/event-stream');
  const bytes = isEndless ? await firstWords(response) : Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, text: bytes.toString('utf8') };
}

/** A stream of server-sent events is left as soon as it has begun. */
async function firstWords({ body }: Response): Promise<Buffer> {
  const reader = body?.getReader();
  const words = await reader?.read();
  await reader?.cancel();
  return Buffer.from(words?.value ?? []);
}

/** A browser as far as HTTP goes: it keeps a cookie, follows no redirect, and sends forms as pages do. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(private readonly url: string) {}

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.request(path, { headers });
  }

  submit(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
    return this.request(path, { method: 'POST', body: new URLSearchParams(fields), headers });
  }

  upload(path: string, form: FormData): Promise<Answer> {
    return this.request(path, { method: 'POST', body: form });
  }

  cookie(name: string): string | undefined {
    return this.cookies.get(name);
  }

  setCookie(name: string, value: string): void {
    this.cookies.set(name, value);
  }

  async request(path: string, init: WithHeaders = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, ...(cookie ? { cookie } : {}) };
    const response = await fetch(`${this.url}${path}`, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answerOf(response);
  }
}

/** A program with an API key. */
export class Program {
  constructor(
    private readonly url: string,
    private readonly apiKey: string | undefined,
  ) {}

  async request(path: string, init: WithHeaders = {}): Promise<Answer> {
    const authorization = this.apiKey === undefined ? {} : { authorization: `Bearer ${this.apiKey}` };
    return answerOf(await fetch(`${this.url}${path}`, { ...init, headers: { ...authorization, ...init.headers } }));
  }

  /** `letter` as JSON, or as it is when it is a text already. */
  submit(letter: unknown, documents: readonly File[], headers: Record<string, string> = {}): Promise<Answer> {
    const form = new FormData();
    const json = typeof letter === 'string' ? letter : JSON.stringify(letter);
    if (json !== undefined) form.append('letter', new Blob([json], { type: 'application/json' }));
    for (const document of documents) form.append('document', document);
    return this.request('/api/letters', { method: 'POST', body: form, headers });
  }
}

export const jsonOf = (answer: Answer): Record<string, unknown> => JSON.parse(answer.text) as Record<string, unknown>;
