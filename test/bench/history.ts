import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { Db } from 'mongodb';
import { CommandsModule, IssueApiKey, RegisterAgency, RegisterUser } from '#libs/commands';
import { readConfiguration, StoresConfiguration } from '#libs/configuration';
import { AgencyAccess } from '#projections/agency-access';
import { startInstance, type Instance } from '../../apps/launcher/src/index.js';
import { median, ms, ratio, row, timed, type Series } from './figures.js';
import { fillHistory, showHistory, type FilledHistory } from './history-letters.js';

const { values } = parseArgs({
  options: {
    small: { type: 'string', default: '10000' },
    large: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
  },
});
const ROUNDS = Number(values.rounds);
/** Requests of one kind in a row; the first ones of each round only warm up. */
const IN_A_ROW = 9;
const WARM_UP = 3;

const say = (line = ''): void => void process.stdout.write(`${line}\n`);

interface Question {
  readonly label: string;
  /** By the names of the API, and of the page's address. */
  readonly query: (history: FilledHistory) => Readonly<Record<string, string>>;
}

const QUESTIONS: readonly Question[] = [
  { label: 'first page', query: () => ({}) },
  { label: 'page in the middle', query: ({ middle }) => ({ after: middle }) },
  { label: 'page near the end', query: ({ last }) => ({ after: last }) },
  { label: 'signed', query: () => ({ status: 'signed' }) },
  { label: 'refused (3 %)', query: () => ({ status: 'refused' }) },
  { label: 'archived (30 %)', query: () => ({ status: 'archived' }) },
  { label: 'owners (10 %)', query: () => ({ kind: 'owner' }) },
  { label: 'owners who refused', query: () => ({ kind: 'owner', status: 'refused' }) },
  { label: 'a month', query: ({ month }) => month },
  { label: 'refused in a month', query: ({ month }) => ({ ...month, status: 'refused' }) },
  { label: 'near their end (3 %)', query: () => ({ alert: 'yes' }) },
  { label: 'search: « martin »', query: () => ({ search: 'martin' }) },
  {
    label: 'search: « martin jean », in the middle',
    query: ({ middle }) => ({ search: 'martin jean', after: middle }),
  },
  { label: 'search: « m »', query: () => ({ search: 'm' }) },
  { label: 'search: third party (20 letters)', query: ({ partyCode }) => ({ search: partyCode }) },
  { label: 'search: one reference', query: ({ reference }) => ({ search: reference }) },
];

/** What the page's address calls the API's parameters. */
const ON_PAGE: Readonly<Record<string, string>> = {
  status: 'statut',
  alert: 'alerte',
  kind: 'qualite',
  from: 'du',
  to: 'au',
  search: 'recherche',
  after: 'apres',
};

/** Who asks: a program and a browser of one agency. */
interface Asking {
  readonly api: (query: Readonly<Record<string, string>>) => Promise<void>;
  readonly page: (query: Readonly<Record<string, string>>) => Promise<void>;
}

async function measure({ environment, addresses, process: part }: Instance): Promise<void> {
  const configuration = readConfiguration(StoresConfiguration, environment);
  const app = await NestFactory.createApplicationContext(CommandsModule.over(configuration), { logger: false });
  await app.init();
  try {
    const db = app.get(Db);
    const { agencyId, apiKey, logIn } = await registered(app.get(CommandBus), db);
    // From here on nothing is projected, and nobody but this program asks.
    for (const name of ['worker', 'ceremony', 'catcher'] as const) await part(name).stop();
    const histories: FilledHistory[] = [];
    for (const letters of [Number(values.small), Number(values.large)]) {
      const started = performance.now();
      histories.push(await fillHistory(db, agencyId, letters));
      say(`${letters.toLocaleString('en')} letters filled in ${Math.round((performance.now() - started) / 1_000)} s`);
    }
    const asking = await asked(addresses.agency, apiKey, logIn);
    say();
    say(
      `${cpus().length} processors shared by client, agency and mongod; Node.js ${process.version}; median of ${ROUNDS * (IN_A_ROW - WARM_UP)}`,
    );
    say();
    const sizes = histories.map(({ letters }) => letters.toLocaleString('en'));
    say(row('', ...sizes.map((size) => `API ${size}`), 'ratio', ...sizes.map((size) => `page ${size}`), 'ratio'));
    let worst = 0;
    for (const question of QUESTIONS) {
      const api = await compared(db, histories, ({ query }) => asking.api(query), question);
      const page = await compared(db, histories, ({ query }) => asking.page(query), question);
      worst = Math.max(worst, api.ratio, page.ratio);
      say(row(question.label, ...api.times.map(ms), ratio(api.ratio), ...page.times.map(ms), ratio(page.ratio)));
    }
    say();
    say(`worst ratio ${ratio(worst)}; the aim is at most × 2.00`);
  } finally {
    await app.close();
  }
}

/** The same question to each history in turns, so that what else the machine does falls on both. */
async function compared(
  db: Db,
  histories: readonly FilledHistory[],
  ask: (asked: { query: Readonly<Record<string, string>> }) => Promise<void>,
  { query }: Question,
): Promise<{ times: number[]; ratio: number }> {
  const series = histories.map((): Series => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, history] of histories.entries()) {
      await showHistory(db, history);
      const own: Series = [];
      for (let count = 0; count < IN_A_ROW; count += 1) await timed(own, () => ask({ query: query(history) }));
      series[index]?.push(...own.slice(WARM_UP));
    }
  }
  const times = series.map(median);
  return { times, ratio: (times[1] ?? Number.NaN) / (times[0] ?? Number.NaN) };
}

async function asked(address: string, apiKey: string, logIn: Record<string, string>): Promise<Asking> {
  const opened = await fetch(`${address}/connexion`, {
    method: 'POST',
    body: new URLSearchParams(logIn),
    redirect: 'manual',
  });
  const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const get = async (path: string, query: Readonly<Record<string, string>>, headers: Record<string, string>) => {
    const answer = await fetch(`${address}${path}?${new URLSearchParams(query).toString()}`, {
      headers,
      redirect: 'manual',
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}: ${text.slice(0, 300)}`);
  };
  return {
    api: (query) => get('/api/letters', query, { authorization: `Bearer ${apiKey}` }),
    page: (query) => {
      const named = Object.entries(query).map(([name, value]) => [ON_PAGE[name] ?? name, value]);
      return get('/lettres', Object.fromEntries(named) as Record<string, string>, { cookie });
    },
  };
}

async function registered(
  commands: CommandBus,
  db: Db,
): Promise<{ agencyId: string; apiKey: string; logIn: Record<string, string> }> {
  const agencyId = randomUUID();
  const context = () => {
    const commandId = randomUUID();
    return { commandId, correlationId: agencyId, causationId: commandId, actor: 'operator' };
  };
  const email = 'bench@example.fr';
  const password = randomUUID();
  await commands.execute(new RegisterAgency(agencyId, { code: 'BENCH', name: 'Agence Bench', email }, context()));
  const user = { userId: randomUUID(), email, name: 'Bench', role: 'clerk', password } as const;
  await commands.execute(new RegisterUser(agencyId, user, context()));
  const { apiKey } = await commands.execute(new IssueApiKey(agencyId, 'bench', context()));
  const access = new AgencyAccess(db);
  while (!(await access.userByEmail(email))) await sleep(50);
  await sleep(500);
  return { agencyId, apiKey, logIn: { email, password } };
}

const dataFolder = await mkdtemp(join(tmpdir(), 'pli-bench-'));
const instance = await startInstance({ dataFolder, quiet: true });
try {
  await measure(instance);
} finally {
  await instance.stop();
  await rm(dataFolder, { recursive: true, force: true });
}
