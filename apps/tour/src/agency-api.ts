import { TourFailure, until } from './waiting.js';

/** One event of a letter as the REST API shows it. */
export interface ShownEvent {
  readonly revision: number;
  readonly type: string;
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ShownLetter {
  readonly id: string;
  readonly reference: string;
  readonly status: string;
  readonly events: readonly ShownEvent[];
}

export interface LetterRequest {
  readonly dossier: string;
  readonly partyCode: string;
  readonly partyKind: 'tenant' | 'owner';
  readonly recipient: {
    readonly civility: string;
    readonly name: string;
    readonly email: string;
    readonly mobile?: string;
  };
  readonly otp: boolean;
}

/** The agency's REST API with an API key, as a program of the agency would use it. */
export class AgencyApi {
  constructor(
    private readonly origin: string,
    private readonly apiKey: string,
  ) {}

  /** Sends a letter; answers its id. */
  async send(
    letter: LetterRequest,
    documents: readonly { name: string; bytes: Uint8Array<ArrayBuffer> }[],
  ): Promise<string> {
    const form = new FormData();
    form.append('letter', new Blob([JSON.stringify(letter)], { type: 'application/json' }));
    for (const { name, bytes } of documents)
      form.append('document', new Blob([bytes], { type: 'application/pdf' }), name);
    const created = await this.request('/api/letters', { method: 'POST', body: form });
    return ((await created.json()) as { id: string }).id;
  }

  async letter(id: string): Promise<ShownLetter> {
    return (await (await this.request(`/api/letters/${id}`)).json()) as ShownLetter;
  }

  /** Waits until an event of each of these types is stored. */
  async hasEvents(id: string, ...types: string[]): Promise<ShownLetter> {
    return until(`${types.join(' and ')} of letter ${id}`, async () => {
      const letter = await this.letter(id);
      return types.every((type) => letter.events.some((event) => event.type === type)) ? letter : undefined;
    });
  }

  async document(id: string, sha256: string): Promise<Buffer> {
    const answer = await this.request(`/api/letters/${id}/documents/${sha256}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  private async request(path: string, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(`${this.origin}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${this.apiKey}` },
    });
    if (answer.ok) return answer;
    throw new TourFailure(`${init.method ?? 'GET'} ${path} answered ${answer.status}: ${await answer.text()}`);
  }
}
