import type { Decider } from '#libs/letter';
import type { ProofCommand } from './commands.js';
import type { ProofEvent } from './events.js';
import type { ProofRefusal, ProofRefusalCode } from './refusals.js';
import { evolve, initial, type Proofs } from './state.js';

/** The first of two workers counts: a second seal of the same event is no second proof, a second timestamp no second issue. */
function decide(state: Proofs, command: ProofCommand): readonly ProofEvent[] | ProofRefusal {
  const known = state.find(({ proof }) => proof === command.proof);
  if (command.type === 'sealProof') {
    const { type: _type, ...sealed } = command;
    return known ? [] : [{ type: 'ProofSealed', data: sealed }];
  }
  if (!known) return { refused: 'PROOF_NOT_SEALED' };
  if (command.type === 'delayTimestamp') {
    const { proof, at } = command;
    return known.status === 'sealed' ? [{ type: 'TimestampDelayed', data: { proof, at } }] : [];
  }
  const { type: _type, ...timestamped } = command;
  return known.status === 'issued' ? [] : [{ type: 'TimestampObtained', data: timestamped }];
}

/** The proofs of one letter. */
export const proofs: Decider<Proofs, ProofCommand, ProofEvent, ProofRefusalCode> = { initial, decide, evolve };
