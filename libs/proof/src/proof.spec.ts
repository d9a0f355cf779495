import { readFileSync } from 'node:fs';
import { catalogue as letterCatalogue, type LetterEvent, type LetterEventType } from '#libs/letter';
import type { ProofCommand } from './commands.js';
import { proofs } from './decide.js';
import { proofCatalogue, proofOwed, type ProofEvent, type ProofEventType } from './events.js';
import { proofFacts, type PlacedEvent } from './facts.js';
import { proofLabels, proofStatusLabels } from './labels.js';
import { BrokenProofHistory, type Proofs } from './state.js';

const stored = (type: ProofEventType): ProofEvent => {
  const text = readFileSync(new URL(`fixtures/${type}.1.json`, import.meta.url), 'utf8');
  const { data } = JSON.parse(text) as { data: object };
  return { type, data } as ProofEvent;
};
const sealed = stored('ProofSealed') as Extract<ProofEvent, { type: 'ProofSealed' }>;
const delayed = stored('TimestampDelayed') as Extract<ProofEvent, { type: 'TimestampDelayed' }>;
const obtained = stored('TimestampObtained') as Extract<ProofEvent, { type: 'TimestampObtained' }>;

const sealProof: ProofCommand = { type: 'sealProof', ...sealed.data };
const delayTimestamp: ProofCommand = { type: 'delayTimestamp', ...delayed.data };
const keepTimestamp: ProofCommand = { type: 'keepTimestamp', ...obtained.data };

const stateAfter = (history: readonly ProofEvent[]): Proofs =>
  history.reduce((state: Proofs, event) => proofs.evolve(state, event), proofs.initial);

/** Given a history, when a command comes, then what is decided. */
const deciding = (history: readonly ProofEvent[], command: ProofCommand): unknown =>
  proofs.decide(stateAfter(history), command);

describe('a proof', () => {
  it('is sealed once', () => {
    expect(deciding([], sealProof)).toEqual([sealed]);
    expect(deciding([sealed], { ...sealProof, seal: 'another' })).toEqual([]);
    expect(deciding([sealed], { ...sealProof, proof: 'another' })).toHaveLength(1);
  });

  it('is flagged once while no authority gives its timestamp', () => {
    expect(deciding([sealed], delayTimestamp)).toEqual([delayed]);
    expect(deciding([sealed, delayed], delayTimestamp)).toEqual([]);
    expect(stateAfter([sealed, delayed])).toMatchObject([{ status: 'delayed', delayedSince: delayed.data.at }]);
  });

  it('is issued once, with its timestamp, late or not', () => {
    expect(deciding([sealed], keepTimestamp)).toEqual([obtained]);
    expect(deciding([sealed, delayed], keepTimestamp)).toEqual([obtained]);
    expect(deciding([sealed, obtained], { ...keepTimestamp, token: 'another' })).toEqual([]);
    expect(deciding([sealed, obtained], delayTimestamp)).toEqual([]);
    const [issued] = stateAfter([sealed, delayed, obtained]);
    expect(issued).toMatchObject({ status: 'issued', kind: 'deposit', document: obtained.data.document });
    expect(issued).not.toHaveProperty('delayedSince');
  });

  it.each([delayTimestamp, keepTimestamp])('that is not sealed does not take $type', (command) => {
    expect(deciding([], command)).toEqual({ refused: 'PROOF_NOT_SEALED' });
  });

  it.each<readonly ProofEvent[]>([[delayed], [sealed, sealed], [sealed, obtained, obtained]])(
    'has no history that no decision can have made',
    (...history) => {
      expect(() => stateAfter(history)).toThrow(BrokenProofHistory);
    },
  );

  it('tells of nobody: its events have no personal part', () => {
    for (const type of Object.keys(proofCatalogue) as ProofEventType[]) {
      expect(stored(type)).not.toHaveProperty('personal');
    }
  });

  it('has a name in French, and a word for where it stands', () => {
    for (const kind of Object.values(proofOwed)) expect(proofLabels[kind]).toMatch(/^Preuve d/);
    expect(Object.values(proofStatusLabels).every((label) => label.length > 0)).toBe(true);
  });
});

/** A stored event of the letter, as its library keeps it. */
function ofLetter(type: LetterEventType): LetterEvent {
  const { schema } = letterCatalogue[type];
  const text = readFileSync(
    new URL(`../../letter/src/fixtures/${type}.${String(schema)}.json`, import.meta.url),
    'utf8',
  );
  const { data, personal } = JSON.parse(text) as { data: object; personal?: object };
  return { type, data, ...(personal && { personal }) } as unknown as LetterEvent;
}

const placed = (...events: readonly LetterEvent[]): PlacedEvent[] =>
  events.map((event, index) => ({
    id: `event-${String(index)}`,
    event,
    revision: BigInt(index),
    chain: `chain-${String(index)}`,
  }));

describe('the facts of a proof', () => {
  const story = placed(
    ofLetter('Submitted'),
    ofLetter('Deposited'),
    ofLetter('Notified'),
    ofLetter('Accepted'),
    ofLetter('Signed'),
  );
  const depositedAt = ofLetter('Deposited').data.at;

  it('are those of R. 53-2: both ends, the unique number, the time of the deposit', () => {
    const submitted = ofLetter('Submitted') as Extract<LetterEvent, { type: 'Submitted' }>;
    const facts = proofFacts(story, 'event-1');
    expect(facts).toMatchObject({ kind: 'deposit', revision: 1n, chain: 'chain-1', depositedAt });
    expect(facts?.sender).toEqual(submitted.personal?.sender);
    expect(facts?.recipient).toEqual(submitted.personal?.recipient);
    expect(facts?.terms.reference).toBe(submitted.data.reference);
    expect(facts?.documents[0]).toEqual({
      name: submitted.personal?.documentNames[0],
      sha256: submitted.data.documents[0]?.sha256,
    });
  });

  it('do not change by what comes later', () => {
    expect(proofFacts(story, 'event-1')).toEqual(proofFacts(story.slice(0, 2), 'event-1'));
    expect(proofFacts(story, 'event-1')).not.toHaveProperty('notice');
  });

  it('tell of notice and acceptance once there are any', () => {
    expect(proofFacts(story, 'event-4')).toMatchObject({
      kind: 'reception',
      notice: { at: ofLetter('Notified').data.at },
      acceptedAt: ofLetter('Accepted').data.at,
    });
  });

  it('are none for an event without proof, an unknown one, or when nobody can be named any more', () => {
    expect(proofFacts(story, 'event-2')).toBeUndefined();
    expect(proofFacts(story, 'event-9')).toBeUndefined();
    const erased = story.map((one) => ({
      ...one,
      event: { type: one.event.type, data: one.event.data } as LetterEvent,
    }));
    expect(proofFacts(erased, 'event-1')).toBeUndefined();
  });
});
