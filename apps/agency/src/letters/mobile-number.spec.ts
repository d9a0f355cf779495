import { mobileInE164 } from './mobile-number.js';

test.each([
  ['0612345678', '+33612345678'],
  ['06 12 34 56 78', '+33612345678'],
  ['06.12.34.56.78', '+33612345678'],
  ['0751234567', '+33751234567'],
  ['+33 (0)6 12 34 56 78', '+33612345678'],
  ['0033612345678', '+33612345678'],
  ['+34601020304', '+34601020304'],
  ['0034 601 02 03 04', '+34601020304'],
  ['+41 79 123 45 67', '+41791234567'],
  ['+1 202 555 0123', '+12025550123'],
])('%s is the mobile %s', (written, expected) => {
  expect(mobileInE164(written)).toBe(expected);
});

test.each([
  ['0690 12 34 56', '+590690123456', 'Guadeloupe'],
  ['0694 12 34 56', '+594694123456', 'Guyane'],
  ['0696 12 34 56', '+596696123456', 'Martinique'],
  ['0692 12 34 56', '+262692123456', 'La Réunion'],
  ['0639 69 12 34', '+262639691234', 'Mayotte'],
])('%s is overseas and becomes %s (%s)', (written, expected) => {
  expect(mobileInE164(written)).toBe(expected);
});

test.each([
  ['0712345678', 'not assigned'],
  ['0700123456', 'not assigned'],
  ['+33690123456', 'an overseas range under the code of metropolitan France'],
  ['0145678901', 'a fixed line'],
  ['0800123456', 'a freephone number'],
  ['+34 912 34 56 78', 'a foreign fixed line'],
  ['061234567', 'too short'],
  ['06123456789', 'too long'],
  ['0612345678 poste 12', 'an extension'],
  ['mon numéro : 0612345678', 'words around it'],
  ['+999123456789', 'no such country'],
  ['', 'nothing'],
])('%s is refused: %s', (written) => {
  expect(mobileInE164(written)).toBeUndefined();
});
