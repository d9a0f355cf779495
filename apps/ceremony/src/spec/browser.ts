/** What came back, complete: header lines as text, the body as it came and as text. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly location: string | null;
  readonly bytes: Buffer;
  readonly text: string;
}

type Form = Readonly<Record<string, string>>;

/** A browser of its own: keeps its cookies by path, follows no redirect unless asked, remembers every answer. */
export class Browser {
  readonly answers: Answer[] = [];
  readonly #cookies = new Map<string, { path: string; pair: string; line: string }>();

  constructor(private readonly origin: string) {}

  get(path: string, headers: Form = {}): Promise<Answer> {
    return this.#fetch(path, { headers });
  }

  post(path: string, form: Form = {}, headers: Form = {}): Promise<Answer> {
    return this.#fetch(path, { method: 'POST', body: new URLSearchParams(form), headers });
  }

  /** Sends a form and opens the page that the answer leads to. */
  async submit(path: string, form: Form = {}): Promise<Answer> {
    const answer = await this.post(path, form);
    return answer.location === null ? answer : this.get(answer.location);
  }

  /** Opens a link and what it leads to. */
  async follow(path: string): Promise<Answer> {
    const answer = await this.get(path);
    return answer.location === null ? answer : this.get(answer.location);
  }

  /** The `Set-Cookie` lines that this browser took. */
  get cookieLines(): readonly string[] {
    return [...this.#cookies.values()].map(({ line }) => line);
  }

  setCookie(path: string, pair: string): void {
    this.#cookies.set(path, { path, pair, line: '' });
  }

  cookie(path: string): string {
    return this.#cookies.get(path)?.pair ?? '';
  }

  async #fetch(path: string, request: RequestInit): Promise<Answer> {
    const cookie = [...this.#cookies.values()].filter((one) => path.startsWith(one.path)).map(({ pair }) => pair);
    const headers = { ...(request.headers as Form), ...(cookie.length > 0 ? { cookie: cookie.join('; ') } : {}) };
    const response = await fetch(new URL(path, this.origin), { ...request, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const bytes = Buffer.from(await response.arrayBuffer());
    const { status } = response;
    const location = response.headers.get('location');
    const answer = { status, headers: response.headers, location, bytes, text: bytes.toString() };
    this.answers.push(answer);
    return answer;
  }

  #keep(line: string): void {
    const path = /Path=([^;]+)/i.exec(line)?.[1] ?? '/';
    this.#cookies.set(path, { path, pair: line.split(';')[0] ?? '', line });
  }
}
