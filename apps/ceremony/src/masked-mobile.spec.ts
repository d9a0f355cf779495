import { maskedMobile } from './masked-mobile.js';

test.each([
  ['+33612345678', '06 •• •• •• 78'],
  ['+33798765432', '07 •• •• •• 32'],
  ['+34601020304', '+34 ••• •• •• 04'],
  ['+262692123456', '+262 ••• •• •• 56'],
  ['', ''],
])('%s is shown as %s', (mobile, shown) => {
  expect(maskedMobile(mobile)).toBe(shown);
});
