import type { ProofEventOf } from './events.js';

/** What the worker has done for a proof, and tells: each is what the event says. */
export type ProofCommand =
  | ({ readonly type: 'sealProof' } & ProofEventOf<'ProofSealed'>['data'])
  /** No authority gave a timestamp; it is asked for again. */
  | ({ readonly type: 'delayTimestamp' } & ProofEventOf<'TimestampDelayed'>['data'])
  | ({ readonly type: 'keepTimestamp' } & ProofEventOf<'TimestampObtained'>['data']);
