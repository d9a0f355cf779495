import { randomUUID } from 'node:crypto';
import { linkHash, linkToken, letterStream } from '#libs/commands';
import type { CommandContext, EventStore, Keyring } from '#libs/event-store';
import { letter, type LetterEvent } from '#libs/letter';

export const context = (): CommandContext => ({
  commandId: randomUUID(),
  correlationId: randomUUID(),
  causationId: randomUUID(),
  actor: 'recipient',
});

export const DOCUMENT = { sha256: 'a'.repeat(64), size: 80_000, pages: 1 };
const HOUR = 3_600_000;

/** A letter whose recipient has just been notified: three events in one append, none of which needs a worker. */
export async function notifiedLetter(store: EventStore, keyring: Keyring, agencyId: string): Promise<string> {
  const letterId = randomUUID();
  const key = await keyring.create(letterStream(letterId));
  const at = new Date(Date.now() - HOUR).toISOString();
  const events = notified(letterId, agencyId, linkHash(linkToken(key, 1)), at);
  const asDecided = { initial: letter.initial, evolve: letter.evolve, decide: () => events };
  await store.execute(asDecided, letterStream(letterId), {}, context());
  return letterId;
}

function notified(letterId: string, agencyId: string, hash: string, at: string): LetterEvent[] {
  const terms = { reference: `LRE_9998_001_${letterId}`, legalProfile: 'fr-cpce-2018', documents: [DOCUMENT], at };
  return [
    {
      type: 'Submitted',
      data: {
        ...terms,
        agencyId,
        agencyCode: '9998',
        dossier: '001',
        partyCode: '40017',
        partyKind: 'tenant',
        professional: false,
        otp: false,
        retentionDays: 15,
        alertDays: 5,
      },
      personal: {
        sender: { name: 'Agence Latour', email: 'info@latour.example' },
        recipient: { civility: 'M. et Mme', name: 'CHARPENTIER Jean Luc', email: 'jl.charpentier@exemple.example' },
        documentNames: ['Rappel_recommande.pdf'],
      },
    },
    { type: 'Deposited', data: { ...terms, acknowledgement: DOCUMENT } },
    {
      type: 'Notified',
      data: {
        notice: 1,
        messageId: `<notice-1.${letterId}@pli.localhost>`,
        linkHash: hash,
        windowEndsAt: new Date(Date.now() + 360 * HOUR).toISOString(),
        at,
      },
    },
  ];
}
