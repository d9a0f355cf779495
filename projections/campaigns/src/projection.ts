import type { CampaignEvent } from '#libs/campaign';
import { projection, write, type Write } from '#projections/engine';

const PREFIX = 'campaign-';
/** Digits of a row within the id of its document. */
const ROW_DIGITS = 5;

/** A campaign's id, of its stream's name. */
const idOf = (stream: string): string => stream.slice(PREFIX.length);

/** What an agency sends in one go, told apart by `kind`: a `campaign`, and the `letter` of each of its rows that was listed. */
export const campaignsProjection = projection<CampaignEvent>({
  name: 'campaigns',
  version: 1,
  prefixes: [PREFIX],
  indexes: [
    { key: { kind: 1, agencyId: 1, campaignId: -1 } },
    { key: { kind: 1, agencyId: 1, position: -1 } },
    { key: { campaignId: 1, position: -1 } },
    { key: { agencyId: 1, settingsAt: -1 } },
    { key: { status: 1, startedAt: 1 } },
    { key: { kind: 1, campaignId: 1, outcome: 1, row: 1 } },
  ],
  on: {
    CampaignDrafted: ({ stream, event: { data } }) =>
      write(stream, {
        kind: 'campaign',
        campaignId: idOf(stream),
        agencyId: data.agencyId,
        list: data.list,
        lines: data.lines.length,
        status: 'draft',
        draftedAt: data.at,
        startedAt: null,
        finishedAt: null,
        letters: null,
      }),
    CampaignSettingsChosen: ({ stream, event: { data, personal } }) => {
      const { at, ...terms } = data;
      return write(stream, { settings: { ...terms, agencyEmail: personal?.agencyEmail ?? null }, settingsAt: at });
    },
    CampaignSelectionChanged: ({ stream, event: { data } }) => [
      ...data.ticked.map((row) => write(rowId(stream, row), { unticked: false })),
      ...data.unticked.map((row) => write(rowId(stream, row), { unticked: true })),
    ],
    CampaignLettersListed: ({ stream, event: { data, personal } }) => [
      write(stream, { listing: data.listing }),
      ...data.letters.map((letter, index): Write => {
        const person = personal?.people[index];
        const { row, lineId, partyCode } = letter;
        return write(rowId(stream, row), {
          kind: 'letter',
          campaignId: idOf(stream),
          listing: data.listing,
          row,
          lineId,
          partyCode,
          name: person?.name ?? null,
          email: person?.email ?? null,
          filedName: person?.filedName ?? null,
          outcome: 'pending',
        });
      }),
    ],
    CampaignStarted: ({ stream, event: { data } }) =>
      write(stream, { status: 'running', startedAt: data.at, letters: data.letters }),
    CampaignLettersSettled: ({ stream, event: { data } }) => [
      // So that whoever follows the campaign, or the list of them, learns of it.
      write(stream, { settledAt: data.at }),
      ...data.results.map((result) => {
        const { row, ...told } = result;
        return write(rowId(stream, row), { ...told, settledAt: data.at });
      }),
    ],
    CampaignFinished: ({ stream, event: { data } }) => {
      const { at, ...counts } = data;
      return write(stream, { status: 'finished', finishedAt: at, counts });
    },
    CampaignAbandoned: ({ stream }) => write(stream, { status: 'abandoned' }),
  },
});

const rowId = (stream: string, row: number): string => `${stream}/${String(row).padStart(ROW_DIGITS, '0')}`;
