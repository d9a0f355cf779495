import { Injectable } from '@nestjs/common';
import { MOST_LINES, type CampaignIn } from '#libs/campaign';
import { eligibility, type ReminderList } from '#libs/reminders';
import { FiledDocuments } from '#projections/filed-documents';
import { Reminders, type ReminderRow } from '#projections/reminders';
import { ThirdParties } from '#projections/third-parties';
import type { Asker, SignedInUser } from '../access/asker.js';
import { recapOf, type Recap } from './recap.js';

/** How long a recapitulation waits to show a command's result, in milliseconds. */
const LONGEST_WAIT_MS = 3_000;
/** Lines that are read at once when a whole list is to be sent. */
const LINES_AT_ONCE = 500;

type Draft = CampaignIn<'draft'>;

/** How new the read models must be. */
type Seen = Pick<SignedInUser, 'position' | 'filingPosition' | 'reminderPosition'>;

/** What campaigns would send, as the reminder lists, the directory and the filed documents have it now. */
@Injectable()
export class Recaps {
  constructor(
    private readonly lines: Reminders,
    private readonly parties: ThirdParties,
    private readonly filed: FiledDocuments,
  ) {}

  /** What a draft would send now, at least as new as what the user has done last. */
  async of({ agency }: Asker, draft: Draft, seen?: Seen): Promise<Recap> {
    await this.shows(seen);
    const lines = await this.lines.withIds(agency.id, draft.lines);
    const codes = [...new Set([...lines.values()].map(({ partyCode }) => partyCode))];
    const [parties, filed] = await Promise.all([
      this.parties.withCodes(agency.id, codes),
      draft.category ? this.filed.latestOf(agency.id, codes, draft.category.category) : new Map<string, never>(),
    ]);
    return recapOf(draft, { lines, parties, filed });
  }

  /** The ids of all lines of a list that can be sent, at most one more than a campaign takes. */
  async sendableLines({ agency }: Asker, list: ReminderList): Promise<readonly string[]> {
    const found: string[] = [];
    let after: string | undefined;
    do {
      const query = {
        agencyId: agency.id,
        list,
        status: 'open',
        level: 'registered',
        after,
        limit: LINES_AT_ONCE,
      } as const;
      const page = await this.lines.list(query);
      found.push(...(await this.eligibleOf(agency.id, page.rows)));
      after = page.next ?? undefined;
    } while (after !== undefined && found.length <= MOST_LINES);
    return found.slice(0, MOST_LINES + 1);
  }

  private async eligibleOf(agencyId: string, rows: readonly ReminderRow[]): Promise<readonly string[]> {
    const parties = await this.parties.withCodes(agencyId, [...new Set(rows.map(({ partyCode }) => partyCode))]);
    const eligible = rows.filter((line) => eligibility(line, parties.get(line.partyCode)).eligible);
    return eligible.map(({ lineId }) => lineId);
  }

  private async shows(seen: Seen | undefined): Promise<void> {
    if (!seen) return;
    const { position, filingPosition, reminderPosition } = seen;
    await Promise.all([
      position && this.parties.atLeast(position, LONGEST_WAIT_MS),
      reminderPosition && this.lines.atLeast(reminderPosition, LONGEST_WAIT_MS),
      filingPosition && this.filed.atLeast(filingPosition, LONGEST_WAIT_MS),
    ]);
  }
}
