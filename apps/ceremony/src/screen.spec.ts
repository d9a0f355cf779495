import { letter, type Letter, type LetterEvent } from '#libs/letter';
import { screenOf } from './screen.js';
import type { LinkedLetter } from './visits.js';

const at = '2026-03-10T09:00:00.000Z';
const print = { sha256: 'a'.repeat(64), size: 1, pages: 1 };

/** A letter as it reads once its key is destroyed: no event has its personal part any more. */
const erased = (...answers: LetterEvent[]): LinkedLetter => {
  const terms = { agencyId: 'x', agencyCode: '9998', dossier: '001', partyCode: '1', partyKind: 'tenant' } as const;
  const rules = { reference: 'LRE', legalProfile: 'fr-cpce-2018', professional: false, otp: true } as const;
  const events: LetterEvent[] = [
    { type: 'Submitted', data: { ...terms, ...rules, retentionDays: 15, alertDays: 5, documents: [print], at } },
    {
      type: 'Deposited',
      data: { reference: 'LRE', legalProfile: 'fr-cpce-2018', acknowledgement: print, documents: [print], at },
    },
    {
      type: 'Notified',
      data: { notice: 1, messageId: 'm', linkHash: 'f'.repeat(64), windowEndsAt: '2026-03-25T23:00:00.000Z', at },
    },
    ...answers,
  ];
  return events.reduce((state: Letter, event) => letter.evolve(state, event), letter.initial) as LinkedLetter;
};
const accepted: LetterEvent = { type: 'Accepted', data: { session: 's', at } };
const signed: LetterEvent = {
  type: 'Signed',
  data: { session: 's', packageNumber: '7AD0F7866F46', signatures: 1, consent: 'fr-1', at },
};

test.each([
  ['not answered', []],
  ['accepted', [accepted]],
  ['signed', [accepted, signed]],
])('a letter that was %s and whose key is destroyed is shown as erased', (_, answers) => {
  expect(screenOf({ letterId: 'l', session: 's', state: erased(...answers) }, at)).toEqual({ name: 'erased' });
});

test.each([
  ['refused', { type: 'Refused', data: { session: 's', at } }],
  ['expired', { type: 'Expired', data: { windowEndsAt: '2026-03-25T23:00:00.000Z', at } }],
] as const)('an erased letter that was %s still says so', (name, event) => {
  expect(screenOf({ letterId: 'l', session: 's', state: erased(event) }, at).name).toBe(name);
});
