import type { CatalogueEntry } from '#libs/directory';
import { documentReference } from '#libs/letter';
import type { CommandContext, EventStore } from '#libs/event-store';

/** Events that claim a unique name: the first append to the name's own stream wins, everybody else reads who won. */
export const reservationCatalogue: Record<string, CatalogueEntry> = {
  ReferenceReserved: { schema: 1, upcast: {} },
  RequestReceived: { schema: 1, upcast: {} },
  LogInReserved: { schema: 1, upcast: {} },
  KeyClaimed: { schema: 1, upcast: {} },
};

const REFERENCES_PER_SECOND = 1_000;

/** A thousand letters of one dossier within one second: the reference has no room for more. */
export class ReferencesExhausted extends Error {
  readonly code = 'REFERENCES_EXHAUSTED';
  constructor(reference: string) {
    super(`No free reference is left after ${reference}: send the letter again in a second.`);
  }
}

/**
 * Claims the reference of a letter: agency code, dossier and second of deposit (manual V.2), and, since it is unique, a counter
 * from the second letter of the same dossier in the same second on.
 */
export async function reserveReference(
  store: EventStore,
  letter: { letterId: string; agencyCode: string; dossier: string; at: string },
  context: CommandContext,
): Promise<string> {
  const base = documentReference(letter.agencyCode, letter.dossier, letter.at);
  for (let count = 1; count <= REFERENCES_PER_SECOND; count += 1) {
    const reference = count === 1 ? base : `${base}_${count}`;
    const event = { type: 'ReferenceReserved', data: { letterId: letter.letterId } };
    if (await store.reserve(`reference-${reference}`, event, context)) return reference;
  }
  throw new ReferencesExhausted(base);
}
