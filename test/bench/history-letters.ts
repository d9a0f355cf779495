import { randomBytes } from 'node:crypto';
import type { Db } from 'mongodb';
import type { StoredEvent } from '#libs/event-store';
import type { LetterEvent } from '#libs/letter';
import { agencyHistoryProjection } from '#projections/agency-history';
import { FoldedWrites, type ProjectedDocument } from '#projections/engine';

/** A history to be asked: the collection that holds it, and the places in it that the questions name. */
export interface FilledHistory {
  readonly letters: number;
  readonly collection: string;
  /** `after` of the page that begins in the middle, and of one near the end. */
  readonly middle: string;
  readonly last: string;
  /** Thirty days in the middle, as the filters have them. */
  readonly month: { readonly from: string; readonly to: string };
  /** Of a letter in the middle: what is looked for when somebody knows what he looks for. */
  readonly reference: string;
  readonly partyCode: string;
}

const AGENCY_CODE = '9998';
/** The oldest letter; all of them lie in the three years after it, however many they are. */
const BEGIN = Date.parse('2023-11-01T08:00:00.000Z');
const SPAN = 3 * 365 * 86_400_000;
const AT_ONCE = 5_000;
/** One letter in so many is another agency's. */
const OTHERS = 11;

const SURNAMES =
  'MARTIN BERNARD DUBOIS THOMAS ROBERT RICHARD PETIT DURAND LEROY MOREAU SIMON LAURENT LEFEBVRE MICHEL GARCIA'
    .concat(
      ' DAVID BERTRAND ROUX VINCENT FOURNIER MOREL GIRARD ANDRE MERCIER DUPONT LAMBERT BONNET FRANCOIS MARTINEZ LEGRAND',
    )
    .split(' ');
const FIRST_NAMES = 'Jean Marie Pierre Anne Paul Camille Louis Jeanne Luc Rose Jules Zoé Hugo Léa Karim Inès'.split(
  ' ',
);

/** The same numbers each time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

/**
 * Fills a collection as a rebuild does: what the projection makes of the letters' events, then its indexes. The letters are of one agency, a
 * tenth as many of another one's lie among them.
 */
export async function fillHistory(db: Db, agencyId: string, letters: number): Promise<FilledHistory> {
  const collection = `${agencyHistoryProjection.name}.1.${randomBytes(4).toString('hex')}`;
  const documents = db.collection<ProjectedDocument>(collection);
  const random = numbers(letters);
  let folded = new FoldedWrites();
  let commit = 1n;
  for (let index = 0; index < letters; index += 1) {
    const owner = index % OTHERS === 0 ? ['other', agencyId] : [agencyId];
    for (const [turn, id] of owner.entries()) {
      const letter = letterOf(index, letters, { agencyId: id, id: idOf(index, turn), random });
      folded.add(
        agencyHistoryProjection,
        letter.map((event) => stored(event, idOf(index, turn), (commit += 1n))),
      );
    }
    if (folded.size < AT_ONCE && index < letters - 1) continue;
    await documents.insertMany([...folded.documents()], { ordered: false });
    folded = new FoldedWrites();
  }
  await documents.createIndexes([...agencyHistoryProjection.indexes]);
  return { letters, collection, ...placesIn(letters) };
}

/** Readers see that history from their next question on. */
export async function showHistory(db: Db, { collection }: Pick<FilledHistory, 'collection'>): Promise<void> {
  await db
    .collection<{ _id: string }>('projections')
    .updateOne({ _id: agencyHistoryProjection.name }, { $set: { collection } });
}

const ownTurn = (index: number): number => (index % OTHERS === 0 ? 1 : 0);
const idOf = (index: number, turn: number): string =>
  `01920000-0000-7000-8${String(turn).padStart(3, '0')}-${String(index).padStart(12, '0')}`;
const dateOf = (index: number, letters: number): string =>
  new Date(BEGIN + Math.floor((index / letters) * SPAN)).toISOString();
const partyCodeOf = (index: number): string => String(10_000 + Math.floor(index / 20));
const referenceOf = (index: number, letters: number): string =>
  `LRE_${AGENCY_CODE}_${String(index % 40).padStart(3, '0')}_${dateOf(index, letters).replaceAll(/\D/g, '').slice(0, 14)}_${index}`;

function placesIn(letters: number): Omit<FilledHistory, 'letters' | 'collection'> {
  const half = Math.floor(letters / 2);
  const place = (index: number) => `${dateOf(index, letters)}/${idOf(index, ownTurn(index))}`;
  const from = dateOf(half, letters).slice(0, 10);
  const to = new Date(Date.parse(from) + 29 * 86_400_000).toISOString().slice(0, 10);
  return {
    middle: place(half),
    last: place(Math.floor(letters / 50)),
    month: { from, to },
    reference: referenceOf(half, letters),
    partyCode: partyCodeOf(half),
  };
}

/** The life of one letter: most are signed, the latest are under way, three in ten are archived. */
function letterOf(
  index: number,
  letters: number,
  { agencyId, random }: { agencyId: string; id: string; random: Generator<number, never> },
): LetterEvent[] {
  const next = (): number => random.next().value;
  const pick = (list: readonly string[]): string => list[Math.floor(next() ** 2 * list.length)] ?? '';
  const at = dateOf(index, letters);
  const name = `${pick(SURNAMES)} ${pick(FIRST_NAMES)}`;
  const data = {
    agencyId,
    agencyCode: AGENCY_CODE,
    dossier: String(index % 40).padStart(3, '0'),
    partyCode: partyCodeOf(index),
    partyKind: next() < 0.1 ? 'owner' : 'tenant',
    reference: referenceOf(index, letters),
    professional: false,
    documents: [{}],
    at,
  };
  const windowEndsAt = new Date(Date.parse(at) + 16 * 86_400_000).toISOString();
  const life = [
    { type: 'Submitted', data, personal: { recipient: { civility: next() < 0.5 ? 'M.' : 'Mme', name } } },
    { type: 'Deposited', data: { at } },
    { type: 'Notified', data: { windowEndsAt, at } },
    ...endOf(next(), at),
    ...(next() < 0.3 ? [{ type: 'Archived', data: { at } }] : []),
  ];
  return life as unknown as LetterEvent[];
}

function endOf(chance: number, at: string): object[] {
  if (chance < 0.03) return [{ type: 'AlertRaised', data: { at } }];
  if (chance < 0.05) return [];
  if (chance < 0.08) return [{ type: 'Refused', data: { at } }];
  if (chance < 0.2) return [{ type: 'Expired', data: { at } }];
  return [
    { type: 'Accepted', data: { at } },
    { type: 'Signed', data: { at } },
  ];
}

const stored = (event: LetterEvent, letterId: string, commit: bigint): StoredEvent =>
  ({ event, stream: `letter-${letterId}`, position: { commit, prepare: commit } }) as unknown as StoredEvent;
