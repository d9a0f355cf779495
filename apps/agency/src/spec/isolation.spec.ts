import { EventStore, type StoredEvent } from '#libs/event-store';
import type { UserRole } from '#libs/directory';
import type { Answer, Browser, Program } from './clients.js';
import { filledAgency, type FilledAgency } from './filled-agency.js';
import { ROUTES, type Owned, type RouteDescription } from './routes.js';
import { RunningAgency } from './running-agency.js';

let running: RunningAgency;
let asking: FilledAgency;
let other: FilledAgency;
const browsers = new Map<UserRole, Browser>();

beforeAll(async () => {
  running = await RunningAgency.start();
  other = await filledAgency(running, 'VOISINE');
  asking = await filledAgency(running, 'LATOUR');
  browsers.set('manager', await running.signedIn(asking));
  for (const role of ['clerk', 'reader'] as const) {
    browsers.set(role, await running.signedIn(await running.addUser(asking, role)));
  }
}, 60_000);
afterAll(() => running.close());

type Layer = {
  readonly route?: { readonly path: string; readonly methods: Record<string, boolean> };
  readonly handle?: { readonly stack?: readonly Layer[] };
};

/** Every route that Express answers, whoever registered it. */
function routesOf(layers: readonly Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => {
    if (!route) return handle?.stack ? routesOf(handle.stack) : [];
    return Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`);
  });
}

interface Walk {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly isApi: boolean;
  readonly route: RouteDescription;
}

const walks: readonly Walk[] = Object.entries(ROUTES).map(([name, route]) => {
  const [method = '', path = ''] = name.split(' ');
  return { name, method, path, isApi: path.startsWith('/api/'), route };
});
const behindDoor = walks.filter(({ route }) => route.for !== 'everybody');
const forms = walks.filter(({ method }) => method !== 'GET');

const addressOf = ({ path, route }: Walk, owned: Owned): string =>
  path
    .replace('*path', 'x')
    .replaceAll(/:(\w+)/g, (_, parameter: string) => encodeURIComponent(owned[route.names[parameter] as keyof Owned]));

type Client = Pick<Browser | Program, 'request'>;

/** Asks for a route with an agency's names in its address and body. */
async function ask(walk: Walk, client: Client, owned: Owned, headers: Record<string, string> = {}): Promise<Answer> {
  const init = { method: walk.method, headers };
  const address = addressOf(walk, owned);
  if (walk.method === 'GET') return client.request(address, init);
  const body = walk.route.body(owned);
  if ('json' in body) {
    const json = { ...headers, 'content-type': 'application/json' };
    return client.request(address, { ...init, headers: json, body: JSON.stringify(body.json) });
  }
  const sent = 'fields' in body ? new URLSearchParams(body.fields) : await body.multipart;
  return client.request(address, { ...init, body: sent });
}

/** The asking agency's own client for a route: a program, or a browser in which somebody of that role is logged in. */
function client({ isApi }: Walk, role: UserRole = 'manager'): Client {
  return isApi ? running.program(asking.apiKey) : (browsers.get(role) ?? running.browser());
}

async function storedEvents(): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  const end = new AbortController();
  // All but the store's own streams, whose names begin with $.
  const all = { prefixes: 'abcdefghijklmnopqrstuvwxyz'.split(''), from: 'start', signal: end.signal } as const;
  for await (const batch of running.app.get(EventStore).subscribeInBatches(all)) {
    events.push(...batch.events);
    if (batch.caughtUp) break;
  }
  end.abort();
  return events;
}

test('every route is described, and nothing else', () => {
  const { router } = running.app.getHttpAdapter().getInstance() as unknown as { router: { stack: Layer[] } };
  expect(routesOf(router.stack).toSorted()).toEqual(Object.keys(ROUTES).toSorted());
  for (const { path, route } of walks) {
    const parameters = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter);
    expect([path, Object.keys(route.names)]).toEqual([path, parameters]);
  }
});

describe('without log-in', () => {
  test.each(behindDoor)('$name leads to the log-in, or asks for a key', async (walk) => {
    const answer = await ask(walk, walk.isApi ? running.program() : running.browser(), asking.owned);
    const expected = walk.isApi ? [401, null] : [303, expect.stringMatching(/^\/connexion\?vers=/)];
    expect([answer.status, answer.headers.get('location')]).toEqual(expected);
  });
});

describe('from another site', () => {
  test.each(forms)('$name is refused', async (walk) => {
    const answer = await ask(walk, client(walk), asking.owned, { 'sec-fetch-site': 'cross-site' });
    expect(answer.status).toBe(403);
  });
});

describe('with the names of another agency', () => {
  test('nothing is found, nothing is told and nothing changes', async () => {
    const before = await storedEvents();
    const own = new Set(before.filter(({ stream }) => isOwn(stream)).map(({ stream }) => stream));
    const known = new Set(before.map(({ stream }) => stream));
    for (const walk of behindDoor) {
      const answer = await ask(walk, client(walk), other.owned);
      const expected = walk.route.elsewhere ?? (walk.path.includes(':') ? 404 : answer.status);
      expect([walk.name, answer.status]).toEqual([walk.name, expected]);
      expect([walk.name, answer.status < 500]).toEqual([walk.name, true]);
      // The asker's own third party may bear the code of another's; a name must never come across.
      const told = answer.text.replaceAll(other.owned.party, '');
      expect([walk.name, told.includes(other.mark)]).toEqual([walk.name, false]);
    }
    const after = await storedEvents();
    const touched = after.slice(before.length).map(({ stream }) => stream);
    expect(touched.filter((stream) => known.has(stream) && !own.has(stream))).toEqual([]);
  });

  /** The agency's own account, directory and letters bear its id, or the id of its letter. */
  const isOwn = (stream: string): boolean => stream.includes(asking.agencyId) || stream.includes(asking.owned.letter);
});

describe('a role', () => {
  const within: readonly UserRole[] = ['reader', 'clerk', 'manager'];
  const refused = behindDoor
    .filter(({ isApi }) => !isApi)
    .flatMap((walk) =>
      within.slice(0, within.indexOf(walk.route.for as UserRole)).map((role) => ({ ...walk, role, walk }) as const),
    );

  test.each(refused)('$role may not $name', async ({ walk, role }) => {
    expect((await ask(walk, client(walk, role), asking.owned)).status).toBe(403);
  });

  // Last, for it changes what the others look at. What a form answers to its own agency is its own spec's business.
  test.each(behindDoor)('$name is there for its own agency', async (walk) => {
    const { status } = await ask(walk, client(walk, walk.route.for as UserRole), asking.owned);
    const isThere = walk.method === 'GET' ? status < 400 : status < 500 && ![401, 403, 404].includes(status);
    expect([status, isThere]).toEqual([status, true]);
  });
});
