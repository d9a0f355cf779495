import type { INestApplicationContext } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { v7 as newCampaignId } from 'uuid';
import { LETTERS_PER_LISTING, type LetterToList } from '#libs/campaign';
import { CommandCampaign, CommandParty, ReceiveReminder } from '#libs/commands';
import { EventStore } from '#libs/event-store';
import { AGENCY, type CampaignRecipient } from './campaign-letters.js';
import { rate } from './figures.js';
import { context } from './letters.js';

/** What is on its way to the store at the same time while the campaign is prepared. */
const IN_FLIGHT = 64;
const LISTING = 'bench';

const STAGES = ['Submitted', 'Deposited', 'Notified'] as const;
type Stage = (typeof STAGES)[number];

/** Milliseconds from the start of the campaign until all of its letters had got so far. */
export type Times = Readonly<Record<Stage, number>>;

/**
 * A campaign as an agency sends it: from reminder lines, whose letters the instance's worker writes from the template, prints, submits and
 * deposits, while it writes to the recipients and proves the deposits.
 */
export class OurWay {
  constructor(private readonly app: INestApplicationContext) {}

  /** What comes before the click on "Envoyer": third parties, lines, a campaign over them. @returns the campaign's id */
  async prepare(recipients: readonly CampaignRecipient[]): Promise<string> {
    const lines = recipients.map((recipient) => () => this.line(recipient));
    await rate(IN_FLIGHT, lines);
    const campaignId = newCampaignId();
    const ids = recipients.map(({ partyCode }) => partyCode);
    await this.command(campaignId, { type: 'draft', agencyId: AGENCY.id, list: 'unpaid', lines: ids });
    await this.command(campaignId, {
      type: 'chooseSettings',
      otp: true,
      retentionDays: 15,
      alertDays: 5,
      templates: {},
      agencyEmail: AGENCY.email,
      professionalsOnly: true,
    });
    const letters = recipients.map(listed);
    for (let from = 0; from < letters.length; from += LETTERS_PER_LISTING) {
      const part = letters.slice(from, from + LETTERS_PER_LISTING);
      await this.command(campaignId, { type: 'list', listing: LISTING, letters: part });
    }
    return campaignId;
  }

  /** Sends the campaign. @param others letters of the store that are not the campaign's */
  async send(campaignId: string, count: number, others: ReadonlySet<string>): Promise<Times> {
    const stop = new AbortController();
    const started = performance.now();
    const times = this.reached(STAGES, { count, others, started, signal: stop.signal });
    try {
      const { code: agencyCode, name: senderName } = AGENCY;
      await this.command(campaignId, { type: 'start', listing: LISTING, agencyCode, senderName });
      return await times;
    } finally {
      stop.abort();
    }
  }

  /** Waits until the worker has written to the recipients of so many letters. */
  async notified(count: number): Promise<void> {
    const stop = new AbortController();
    await this.reached(['Notified'], { count, others: new Set(), started: 0, signal: stop.signal });
    stop.abort();
  }

  private command(campaignId: string, command: CommandCampaign['command']): Promise<unknown> {
    return this.app.get(CommandBus).execute(new CommandCampaign(campaignId, command, context()));
  }

  private async line({ name, partyCode, amount }: CampaignRecipient): Promise<void> {
    const commands = this.app.get(CommandBus);
    const address = { street: '12 rue des Lilas', postcode: '75011', city: 'Paris' };
    const details = { civility: 'M.', name, email: `locataire.${partyCode}@exemple.example`, address };
    const described = { agencyId: AGENCY.id, code: partyCode, kind: 'tenant', professional: true, details } as const;
    await commands.execute(new CommandParty(AGENCY.id, partyCode, { type: 'registerParty', ...described }, context()));
    const line = { agencyId: AGENCY.id, lineId: partyCode, list: 'unpaid', level: 'registered' } as const;
    const data = { montantDu: amount, periode: 'octobre 2026' };
    await commands.execute(new ReceiveReminder({ ...line, partyCode, dossier: partyCode, data }, context()));
  }

  /** Counts the events of the store. */
  private async reached(
    stages: readonly Stage[],
    { count, others, started, signal }: Counting,
  ): Promise<Record<Stage, number>> {
    const left = new Map(stages.map((stage) => [stage, count]));
    const times = { Submitted: 0, Deposited: 0, Notified: 0 };
    const events = this.app
      .get(EventStore)
      .subscribe({ prefixes: ['letter-'], types: new Set(stages), from: 'start', signal });
    for await (const item of events) {
      if (item.kind !== 'event' || others.has(item.event.stream.slice('letter-'.length))) continue;
      const stage = item.event.event.type as Stage;
      left.set(stage, (left.get(stage) ?? 0) - 1);
      if (left.get(stage) === 0) times[stage] = performance.now() - started;
      if ([...left.values()].every((rest) => rest <= 0)) break;
    }
    return times;
  }
}

interface Counting {
  readonly count: number;
  readonly others: ReadonlySet<string>;
  readonly started: number;
  readonly signal: AbortSignal;
}

function listed({ name, partyCode }: CampaignRecipient, row: number): LetterToList {
  const person = { civility: 'M.', name, email: `locataire.${partyCode}@exemple.example`, mobile: '+33612345678' };
  return { row, lineId: partyCode, partyCode, partyKind: 'tenant', dossier: partyCode, professional: true, person };
}
