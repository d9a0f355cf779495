import type { ProofEvent } from '#libs/proof';
import { projection, write } from '#projections/engine';

const PREFIX = 'evidence-';

const letterOf = (stream: string): string => stream.slice(PREFIX.length);

/** The proofs of all letters: what is kept of each, by its digest, and which still wait for a timestamp. One document a proof. */
export const evidenceArchiveProjection = projection<ProofEvent>({
  name: 'evidence-archive',
  version: 1,
  prefixes: [PREFIX],
  indexes: [
    { key: { letterId: 1, sealedAt: 1 } },
    { key: { delayedSince: 1 }, partialFilterExpression: { status: 'delayed' } },
  ],
  on: {
    ProofSealed: ({ stream, event: { data } }) =>
      write(data.proof, { letterId: letterOf(stream), kind: data.kind, status: 'sealed', sealedAt: data.at }),
    TimestampDelayed: ({ event: { data } }) => write(data.proof, { status: 'delayed', delayedSince: data.at }),
    TimestampObtained: ({ event: { data } }) =>
      write(data.proof, { status: 'issued', time: data.time, document: data.document }),
  },
});
