import type { ReminderEvent } from '#libs/reminders';
import { projection, searchTerms, write, type Write } from '#projections/engine';

const PREFIX = 'reminder-';

/** The lines of an agency's three lists: a document for each, named as its stream. */
export const remindersProjection = projection<ReminderEvent>({
  name: 'reminders',
  version: 1,
  prefixes: [PREFIX],
  indexes: [
    { key: { agencyId: 1, list: 1, status: 1, partyCode: 1, lineId: 1 } },
    { key: { agencyId: 1, list: 1, partyCode: 1, lineId: 1 } },
    { key: { agencyId: 1, lineId: 1 } },
  ],
  on: {
    ReminderReceived: ({ stream, event: { data, personal } }) => {
      const { agencyId, lineId, list, at } = data;
      const searched = { lineTerms: searchTerms(lineId) };
      return write(stream, {
        agencyId,
        lineId,
        list,
        ...searched,
        ...described(data, personal),
        ...open(at),
        receivedAt: at,
      });
    },
    ReminderCorrected: ({ stream, event: { data, personal } }) =>
      write(stream, { ...described(data, personal), changedAt: data.at }),
    ReminderWithdrawn: ({ stream, event: { data } }) => write(stream, { status: 'withdrawn', changedAt: data.at }),
    ReminderReinstated: ({ stream, event: { data } }) => write(stream, open(data.at)),
    ReminderSent: ({ stream, event: { data } }) => {
      const { campaignId, letterId, at } = data;
      return write(stream, { status: 'sent', campaignId, letterId, changedAt: at });
    },
    ReminderReleased: ({ stream, event: { data } }) => write(stream, open(data.at)),
  },
});

type Described = Pick<
  Extract<ReminderEvent, { type: 'ReminderCorrected' }>['data'],
  'level' | 'partyCode' | 'dossier' | 'document'
>;
type Personal = Extract<ReminderEvent, { type: 'ReminderCorrected' }>['personal'];

const open = (at: string): Write['set'] => ({ status: 'open', campaignId: null, letterId: null, changedAt: at });

/** `data` is null once the key of the line has been destroyed. */
function described({ level, partyCode, dossier, document }: Described, personal: Personal): Write['set'] {
  return {
    level,
    partyCode,
    dossier,
    data: personal?.data ?? null,
    document: document && { ...document, name: personal?.documentName ?? null },
    searchTerms: searchTerms(partyCode, dossier),
  };
}
