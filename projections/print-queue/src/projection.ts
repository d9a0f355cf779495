import type { LetterEvent } from '#libs/letter';
import { projection, write } from '#projections/engine';

const PREFIX = 'letter-';

const letterOf = (stream: string): string => stream.slice(PREFIX.length);

/** Letters on paper: a row for each print job, from the moment it is asked for. */
export const printQueueProjection = projection<LetterEvent>({
  name: 'print-queue',
  version: 1,
  prefixes: [PREFIX],
  indexes: [{ key: { agencyId: 1, open: 1, requestedAt: 1, _id: 1 } }, { key: { agencyId: 1, position: -1 } }],
  on: {
    PrintRequested: ({ stream, event: { data, personal } }) =>
      write(data.job, {
        letterId: letterOf(stream),
        agencyId: data.agencyId,
        reference: data.reference,
        by: data.by,
        addressee: personal?.address.split('\n')[0] ?? null,
        requestedAt: data.at,
        status: 'waiting',
        open: true,
        print: null,
        ticket: null,
        reason: null,
        trackingNumber: null,
        dispatchedAt: null,
      }),
    PrintPrepared: ({ event: { data } }) =>
      write(data.job, { status: 'prepared', print: data.print, ticket: data.ticket }),
    PrintFailed: ({ event: { data } }) => write(data.job, { status: 'failed', open: false, reason: data.reason }),
    PrintDownloaded: ({ revision, event: { data } }) =>
      write(data.job, { [`downloads.${String(revision)}`]: { by: data.by, at: data.at } }),
    PrintDispatched: ({ event: { data } }) =>
      write(data.job, {
        status: 'dispatched',
        open: false,
        trackingNumber: data.trackingNumber,
        dispatchedAt: data.at,
      }),
  },
});
