import type { Position } from '#libs/event-store';

/** A place in the log as `Pli-Position` and `atLeast` carry it. */
export const positionText = ({ commit, prepare }: Position): string => `${commit}-${prepare}`;

/** Reads what `positionText` wrote; undefined for anything else. */
export function positionOf(text: string): Position | undefined {
  const [, commit, prepare] = /^(\d{1,19})-(\d{1,19})$/.exec(text) ?? [];
  return commit && prepare ? { commit: BigInt(commit), prepare: BigInt(prepare) } : undefined;
}
