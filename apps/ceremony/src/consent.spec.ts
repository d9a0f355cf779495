import { createHash } from 'node:crypto';
import { CURRENT_CONSENT, consentText, type ConsentName } from './consent.js';

// What somebody signed must stay readable: a released text is never edited, a change gets a name of its own here.
test.each<[ConsentName, string]>([['fr-1', 'c7574606a8043ae912cb7e89d9a88b19c85359c0bc6bf66164459f2391c317a6']])(
  'the released text %s is unchanged',
  (name, digest) => {
    expect(createHash('sha256').update(consentText(name)).digest('hex')).toBe(digest);
  },
);

test('the text shown now does not claim what only a qualified signature may claim (L. 101 CPCE, eIDAS art. 25)', () => {
  expect(consentText(CURRENT_CONSENT)).not.toMatch(/équivalent|manuscrite|manuelle|qualifiée/);
});
