import { setTimeout as delay } from 'node:timers/promises';
import { Program, jsonOf } from '../../apps/agency/src/spec/clients.js';
import { draftCampaign } from '../../apps/agency/src/spec/campaigns.js';
import { putParty, thirdParty } from '../../apps/agency/src/spec/parties.js';
import { postLines, reminderLine } from '../../apps/agency/src/spec/reminders.js';
import { until } from '../../apps/tour/src/waiting.js';
import { wholeInstance, type WholeInstance } from '../story/instance.js';

const RECIPIENTS = 60;
const KILLS = 5;
const rows = Array.from({ length: RECIPIENTS }, (_, row) => row);
const codeOf = (row: number): string => `C${String(row).padStart(3, '0')}`;

let whole: WholeInstance;
let program: Program;

beforeAll(async () => {
  whole = await wholeInstance();
  program = new Program(whole.instance.addresses.agency, whole.apiKey);
  for (const row of rows) {
    const party = {
      ...thirdParty({ professional: true, name: `DESTINATAIRE ${String(row)}` }),
      email: `d${String(row)}@exemple.example`,
    };
    await putParty(program, codeOf(row), party);
  }
  await postLines(
    program,
    rows.map((row) => ({ lineId: `R${String(row)}`, ...reminderLine({ partyCode: codeOf(row) }) })),
  );
}, 240_000);
afterAll(() => whole?.close());

const credits = async () =>
  jsonOf(await program.request('/api/credits')) as { remaining: number; reserved: number; consumed: number };

/** The campaign once it is finished; it may take its time as long as it gets on. */
async function end(id: string): Promise<Record<string, unknown>> {
  for (let sent = -1; ;) {
    const read = await until('the campaign to get on', async () => {
      const now = jsonOf(await program.request(`/api/campaigns/${id}`));
      return now['status'] === 'finished' || Number(now['submitted']) > sent ? now : undefined;
    });
    if (read['status'] === 'finished') return read;
    sent = Number(read['submitted']);
  }
}

test('the worker is killed again and again: the campaign comes to its end, and every letter is sent once', async () => {
  const before = await credits();
  const lines = rows.map((row) => `R${String(row)}`);
  const id = await draftCampaign(program, lines);
  await until('all lines to be fit for sending', async () => {
    const answer = await program.request(`/api/campaigns/${id}/letters?limit=100`);
    const { letters } = jsonOf(answer) as { letters: { reason: string | null }[] };
    return letters.every(({ reason }) => reason === null) || undefined;
  });
  await program.request(`/api/campaigns/${id}/start`, { method: 'POST' });
  const worker = whole.instance.process('worker');
  let interrupted = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    await delay(400 + kill * 400);
    const { status } = jsonOf(await program.request(`/api/campaigns/${id}`));
    if (status === 'running') interrupted += 1;
    await worker.kill('SIGKILL');
    await worker.ready();
  }
  expect(interrupted).toBeGreaterThan(1);

  const campaign = await end(id);
  expect(campaign).toMatchObject({ letters: RECIPIENTS, submitted: RECIPIENTS, failed: 0, skipped: 0 });

  const letterIds: string[] = [];
  let after: string | null = '';
  while (after !== null) {
    const query: string = after === '' ? 'limit=100' : `limit=100&after=${encodeURIComponent(after)}`;
    const page = jsonOf(await program.request(`/api/letters?${query}`)) as {
      letters: { id: string; partyCode: string }[];
      next: string | null;
    };
    letterIds.push(...page.letters.filter(({ partyCode }) => partyCode.startsWith('C')).map((letter) => letter.id));
    after = page.next;
  }
  expect(letterIds).toHaveLength(RECIPIENTS);
  for (const letterId of letterIds) {
    const letter = await whole.api.hasEvents(letterId, 'Notified');
    const types = letter.events.map(({ type }) => type);
    for (const type of ['Submitted', 'Deposited']) expect(types.filter((each) => each === type)).toEqual([type]);
  }
  const spent = await until('the account to be settled', async () => {
    const now = await credits();
    return now.reserved === before.reserved ? now : undefined;
  });
  expect([spent.remaining, spent.consumed]).toEqual([before.remaining - RECIPIENTS, before.consumed + RECIPIENTS]);
}, 480_000);
