import type { LetterEvent } from '#libs/letter';
import { projection, write } from '#projections/engine';

const PREFIX = 'letter-';

const letterOf = (stream: string): string => stream.slice(PREFIX.length);

/** The rule by which a letter's alert falls due, as one value that an index can be asked for. */
const alertRule = (legalProfile: string, alertDays: number): string => `${legalProfile}/${alertDays}`;

/** What `alertRule` put together. */
export function readAlertRule(rule: string): { legalProfile: string; alertDays: number } {
  const slash = rule.lastIndexOf('/');
  return { legalProfile: rule.slice(0, slash), alertDays: Number(rule.slice(slash + 1)) };
}

const closed = ({ stream }: { stream: string }) => write(letterOf(stream), { open: false });

/** Letters whose window is running. An accepted letter that is not signed yet expires, too. */
export const letterDeadlinesProjection = projection<LetterEvent>({
  name: 'letter-deadlines',
  version: 1,
  prefixes: [PREFIX],
  indexes: [
    { key: { windowEndsAt: 1 }, partialFilterExpression: { open: true } },
    { key: { alertRule: 1, windowEndsAt: 1 }, partialFilterExpression: { open: true, alerted: false } },
  ],
  on: {
    Submitted: ({ stream, event: { data } }) =>
      write(letterOf(stream), { alertRule: alertRule(data.legalProfile, data.alertDays), alerted: false, open: false }),
    Notified: ({ stream, event: { data } }) =>
      write(letterOf(stream), { windowEndsAt: data.windowEndsAt, alerted: false, open: true }),
    AlertRaised: ({ stream }) => write(letterOf(stream), { alerted: true }),
    Signed: closed,
    Refused: closed,
    Expired: closed,
  },
});
