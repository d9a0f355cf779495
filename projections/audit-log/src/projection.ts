import { currentLegalProfile, dayOf } from '#libs/legal-profile';
import type { StoredEvent } from '#libs/event-store';
import { projection, write, type Handler, type Write } from '#projections/engine';
import { actionLabels } from './labels.js';

/** Streams whose name has the agency's id in it; of others the agency is known by who acts. */
const OF_AGENCY = ['agency-', 'access-', 'party-', 'credit-', 'templates-', 'reminder-'] as const;
const OTHERS = ['letter-', 'campaign-', 'filed-'] as const;

const UUID_LENGTH = 36;

/** Fields of an event that say what it was about, none of which is personal. */
const ABOUT = ['userId', 'keyId', 'role', 'reason', 'factor', 'of', 'label', 'name'] as const;

type Acting = { readonly type: string; readonly data: Readonly<Record<string, unknown>>; readonly personal?: object };

/** The service and the recipients do nothing that an agency has to answer for. */
const isOfPeople = (actor: string): boolean => actor !== 'worker' && actor !== 'recipient';

const entry: Handler<Acting> = ({ stream, revision, recordedAt, event, metadata }: StoredEvent<Acting>) => {
  const { actor } = metadata ?? { actor: 'operator' };
  if (!isOfPeople(actor)) return [];
  const at = typeof event.data['at'] === 'string' ? event.data['at'] : recordedAt.toISOString();
  return write(`${stream}@${revision}`, {
    type: event.type,
    actor,
    stream,
    agencyId: agencyOf(stream),
    at,
    day: dayOf(currentLegalProfile.zone, at),
    about: aboutOf(event.data),
    address: addressOf(event.personal),
  });
};

function agencyOf(stream: string): string | null {
  const prefix = OF_AGENCY.find((known) => stream.startsWith(known));
  return prefix === undefined ? null : stream.slice(prefix.length, prefix.length + UUID_LENGTH);
}

function aboutOf(data: Acting['data']): Write['set'] {
  return Object.fromEntries(ABOUT.flatMap((field) => (typeof data[field] === 'string' ? [[field, data[field]]] : [])));
}

function addressOf(personal: object | undefined): string | null {
  const address = personal && 'address' in personal ? personal.address : undefined;
  // Agencies and third parties have postal addresses.
  return typeof address === 'string' && /^[\d.]+$|:/.test(address) ? address : null;
}

/** Who of an agency did what, and when: a document for each event that somebody caused. */
export const auditLogProjection = projection<Acting>({
  name: 'audit-log',
  version: 2,
  prefixes: [...OF_AGENCY, ...OTHERS],
  indexes: [{ key: { agencyId: 1, at: -1, _id: -1 } }, { key: { actor: 1, at: -1, _id: -1 } }],
  on: Object.fromEntries(Object.keys(actionLabels).map((type) => [type, entry])),
});
