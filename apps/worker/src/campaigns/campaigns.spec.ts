import { randomBytes, randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { v7 as uuidv7 } from 'uuid';
import {
  AttachFile,
  CampaignById,
  CommandCampaign,
  CommandParty,
  EnterKey,
  LetterById,
  ReceiveReminder,
  ReminderById,
  SubmitLetter,
} from '#libs/commands';
import type { CampaignIn, LetterToList } from '#libs/campaign';
import type { CreditEvent } from '#libs/credit';
import { EventStoreUnavailable, type CommandContext } from '#libs/event-store';
import { eventually } from '../spec/eventually.js';
import { pdf, World } from '../spec/world.js';
import { createWorkerApp } from '../worker-app.js';
import { CampaignLeases } from './campaign-leases.js';

/** Milliseconds: each campaign is sent by a worker with a browser of its own. */
const TIME = 120_000;

let world: World;
beforeAll(async () => {
  world = await World.open();
}, TIME);
afterAll(() => world.close());
afterEach(() => world.stopWorker());

const context = (): CommandContext => {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor: 'user:spec' };
};

/** An agency with so many signatures, and so many lines of as many professional tenants. */
class Agency {
  readonly id = uuidv7();
  readonly lines: readonly string[];

  constructor(lines: number) {
    this.lines = Array.from({ length: lines }, (_, row) => `L${String(row)}`);
  }

  static async with(lines: number, signatures: number): Promise<Agency> {
    const agency = new Agency(lines);
    const serial = randomBytes(8).toString('hex');
    const key = { serial, kind: 'activation', agencyId: agency.id, signatures } as const;
    await world.commands.execute(new EnterKey(agency.id, key, context()));
    for (const row of agency.lines.keys()) await agency.receive(row);
    return agency;
  }

  /** Every second line brings its letter, the others are printed. */
  private async receive(row: number): Promise<void> {
    const code = `4000${String(row)}`;
    const details = { name: `DESTINATAIRE ${String(row)}`, email: `d${String(row)}@exemple.example` };
    const save = { type: 'saveParty', agencyId: this.id, code, kind: 'tenant', professional: true, details } as const;
    await world.commands.execute(new CommandParty(this.id, code, save, context()));
    await this.correct(row, '001', row % 2 === 0);
  }

  async correct(row: number, dossier: string, hasDocument = true): Promise<void> {
    const line = { agencyId: this.id, lineId: `L${String(row)}`, list: 'unpaid', level: 'registered' } as const;
    const document = hasDocument ? { name: 'Rappel.pdf', bytes: await pdf() } : null;
    const described = { ...line, partyCode: `4000${String(row)}`, dossier, data: { solde: '120.00' }, document };
    await world.commands.execute(new ReceiveReminder(described, context()));
  }

  letter(row: number, changes: Partial<LetterToList> = {}): LetterToList {
    const person = { name: `DESTINATAIRE ${String(row)}`, email: `d${String(row)}@exemple.example` };
    const code = { partyCode: `4000${String(row)}`, partyKind: 'tenant' } as const;
    return { row, lineId: `L${String(row)}`, ...code, dossier: '001', professional: true, person, ...changes };
  }

  /** A campaign over all lines, started as an agency does. */
  async start({ files = 0, obstacle }: { files?: number; obstacle?: string } = {}): Promise<string> {
    const campaignId = uuidv7();
    const give = (command: CommandCampaign['command']) =>
      world.commands.execute(new CommandCampaign(campaignId, command, context()));
    await give({ type: 'draft', agencyId: this.id, list: 'unpaid', lines: this.lines });
    const terms = { otp: false, retentionDays: 15, alertDays: 5, templates: {}, professionalsOnly: true };
    await give({ type: 'chooseSettings', ...terms, agencyEmail: 'info@latour.example' });
    for (let file = 0; file < files; file += 1) {
      const attached = { name: `Fichier ${String(file)}.pdf`, bytes: await pdf() };
      await world.commands.execute(new AttachFile(campaignId, attached, context()));
    }
    const letters = this.lines.map((_line, row) => this.letter(row, row === 0 && obstacle ? { obstacle } : {}));
    await give({ type: 'list', listing: 'one', letters });
    await give({ type: 'start', listing: 'one', agencyCode: '9998', senderName: 'Agence Latour' });
    return campaignId;
  }

  /** What the account says of each letter. */
  async credit(): Promise<Record<string, number>> {
    const { events } = await world.stores.eventStore.load<CreditEvent>(`credit-${this.id}`);
    return Object.fromEntries(
      Object.entries(Object.groupBy(events, ({ event }) => event.type)).map(([type, those]) => [type, those.length]),
    );
  }

  async sentLines(): Promise<(string | undefined)[]> {
    const read = await Promise.all(this.lines.map((line) => world.queries.execute(new ReminderById(this.id, line))));
    return read.map(({ state }) => (state.status === 'sent' ? state.letterId : undefined));
  }
}

const finished = (campaignId: string): Promise<CampaignIn<'finished'>> =>
  eventually(`the end of campaign ${campaignId}`, async () => {
    const state = await world.queries.execute(new CampaignById(campaignId));
    return state.status === 'finished' ? state : undefined;
  });

/** Asserts that each letter of a campaign was submitted exactly once, as the line says. */
async function mustAllBeSubmitted(agency: Agency, campaign: CampaignIn<'finished'>): Promise<void> {
  expect(campaign.counts).toEqual({ submitted: agency.lines.length, failed: 0, skipped: 0 });
  const letterIds = [...campaign.results.values()].map((result) => ('letterId' in result ? result.letterId : ''));
  expect(new Set(letterIds).size).toBe(agency.lines.length);
  expect((await agency.sentLines()).toSorted()).toEqual(letterIds.toSorted());
  for (const letterId of letterIds) {
    const { events } = await world.queries.execute(new LetterById(letterId));
    expect(events.filter(({ event }) => event.type === 'Submitted')).toHaveLength(1);
  }
  expect(await agency.credit()).toMatchObject({ Activated: 1, Reserved: agency.lines.length });
}

describe('a campaign that was started', () => {
  it(
    'sends a letter for each line, with its papers, and is over',
    async () => {
      const agency = await Agency.with(5, 10);
      const campaignId = await agency.start({ files: 1 });
      await world.startWorker();
      const campaign = await finished(campaignId);
      await mustAllBeSubmitted(agency, campaign);
      const states = await Promise.all(
        [0, 1].map(async (row) => {
          const result = campaign.results.get(row);
          const letterId = result && 'letterId' in result ? result.letterId : '';
          return (await world.queries.execute(new LetterById(letterId))).state;
        }),
      );
      expect(states).toMatchObject([
        { terms: { agencyId: agency.id, partyCode: '40000', dossier: '001' } },
        { terms: { partyCode: '40001' } },
      ]);
      const names = states.map((state) => (state.status === 'unknown' ? null : state.parties));
      expect(names).toMatchObject([
        {
          sender: { name: 'Agence Latour', email: 'info@latour.example' },
          recipient: { name: 'DESTINATAIRE 0' },
          documentNames: ['Rappel.pdf', 'Fichier 0.pdf'],
        },
        { documentNames: ['Rappel recommandé.pdf', 'Fichier 0.pdf'] },
      ]);
    },
    TIME,
  );

  it(
    'fails the letters for which no signature is left, and leaves their lines to be sent again',
    async () => {
      const agency = await Agency.with(4, 3);
      const campaignId = await agency.start();
      await world.startWorker();
      const campaign = await finished(campaignId);
      expect(campaign.counts).toEqual({ submitted: 3, failed: 1, skipped: 0 });
      const failures = [...campaign.results.values()].filter(({ outcome }) => outcome === 'failed');
      expect(failures).toMatchObject([{ reason: 'NO_SIGNATURE_LEFT' }]);
      const sent = await agency.sentLines();
      expect(sent.filter((letterId) => letterId === undefined)).toHaveLength(1);
      expect(sent[failures[0]?.row ?? -1]).toBeUndefined();
    },
    TIME,
  );

  it(
    'does not send what was corrected, or sent by somebody else, since it was listed',
    async () => {
      const agency = await Agency.with(3, 10);
      const campaignId = await agency.start({ obstacle: 'NO_CONSENT' });
      await agency.correct(1, '002');
      await world.startWorker();
      const campaign = await finished(campaignId);
      expect([...campaign.results.values()].toSorted((one, other) => one.row - other.row)).toMatchObject([
        { outcome: 'skipped', reason: 'NO_CONSENT' },
        { outcome: 'failed', reason: 'LINE_CHANGED' },
        { outcome: 'submitted' },
      ]);
      expect((await agency.sentLines()).map(Boolean)).toEqual([false, false, true]);
    },
    TIME,
  );

  it(
    'sends a line once though two campaigns have it at the same time',
    async () => {
      const agency = await Agency.with(3, 10);
      const ids = [await agency.start(), await agency.start()];
      await world.startWorker();
      const campaigns = await Promise.all(ids.map(finished));
      const outcomes = campaigns.map(({ counts }) => [counts.submitted + counts.skipped, counts.failed]);
      expect(outcomes).toEqual([
        [3, 0],
        [3, 0],
      ]);
      expect(campaigns.reduce((sum, { counts }) => sum + counts.submitted, 0)).toBe(3);
      expect(await agency.credit()).toMatchObject({ Reserved: 3 });
    },
    TIME,
  );
});

describe('a worker that loses touch', () => {
  /** The command is carried out, and its answer lost; or it never gets there. */
  function loseOnce(app: NestExpressApplication, kind: 'before' | 'after', isLost: (command: object) => boolean): void {
    const bus = app.get(CommandBus);
    const execute: (command: object) => Promise<unknown> = bus.execute.bind(bus);
    const lost = new Set<string>();
    jest.spyOn(bus, 'execute').mockImplementation(async (command: object) => {
      const letterId = command instanceof SubmitLetter ? command.letter.letterId : command.constructor.name;
      if (!isLost(command) || lost.has(letterId)) return execute(command);
      lost.add(letterId);
      if (kind === 'after') await execute(command);
      throw new EventStoreUnavailable(new Error('spec'));
    });
  }

  it.each(['before', 'after'] as const)(
    'submits each letter once when it fails %s the submission',
    async (kind) => {
      const agency = await Agency.with(4, 10);
      const campaignId = await agency.start();
      const app = await createWorkerApp(world.configuration, { clock: world.clock });
      app.useLogger(false);
      loseOnce(app, kind, (command) => command instanceof SubmitLetter);
      await app.init();
      await mustAllBeSubmitted(agency, await finished(campaignId));
      await app.close();
    },
    TIME,
  );

  it(
    'tells the results again that were not taken',
    async () => {
      const agency = await Agency.with(3, 10);
      const campaignId = await agency.start();
      const app = await createWorkerApp(world.configuration, { clock: world.clock, campaignInterval: 100 });
      app.useLogger(false);
      loseOnce(app, 'before', (command) => command instanceof CommandCampaign);
      await app.init();
      await mustAllBeSubmitted(agency, await finished(campaignId));
      await app.close();
    },
    TIME,
  );
});

describe('two workers', () => {
  it(
    'share campaigns, and send nothing twice',
    async () => {
      const agencies = await Promise.all([Agency.with(4, 20), Agency.with(4, 20)]);
      const ids = await Promise.all(agencies.map((agency) => agency.start()));
      const apps = await Promise.all([0, 1].map(() => createWorkerApp(world.configuration, { clock: world.clock })));
      for (const app of apps) app.useLogger(false);
      await Promise.all(apps.map((app) => app.init()));
      for (const [index, id] of ids.entries())
        await mustAllBeSubmitted(agencies[index] ?? new Agency(0), await finished(id));
      await Promise.all(apps.map((app) => app.close()));
    },
    TIME,
  );

  it(
    'send nothing twice even when both believe that the campaign is theirs',
    async () => {
      const agency = await Agency.with(5, 20);
      const campaignId = await agency.start();
      const take = jest
        .spyOn(CampaignLeases.prototype, 'take')
        .mockImplementation(async () => ({ signal: new AbortController().signal, release: async () => undefined }));
      const apps = await Promise.all([0, 1].map(() => createWorkerApp(world.configuration, { clock: world.clock })));
      for (const app of apps) app.useLogger(false);
      await Promise.all(apps.map((app) => app.init()));
      await mustAllBeSubmitted(agency, await finished(campaignId));
      await Promise.all(apps.map((app) => app.close()));
      take.mockRestore();
    },
    TIME,
  );
});

describe('a lease', () => {
  it('is one worker’s until he gives it back', async () => {
    const leases = new CampaignLeases(world.stores.db);
    const id = uuidv7();
    const [first, second] = await Promise.all([leases.take(id), leases.take(id)]);
    expect([first, second].filter(Boolean)).toHaveLength(1);
    await (first ?? second)?.release();
    const next = await leases.take(id);
    expect(next).toBeDefined();
    await next?.release();
  });
});
