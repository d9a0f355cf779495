import { faultOfPassword, faultsOfPasswords } from './new-password.js';

const about = ['Claire Martin', 'claire.martin@latour.example', 'Agence Latour'];

test.each([
  ['court', /au moins 12 caractères/],
  ['é'.repeat(129), /128 caractères au plus/],
  ['123456789012', /se devine trop vite/],
  ['motdepasse123', /se devine trop vite/],
  ['claire.martin', /se devine trop vite/],
  ['AgenceLatour1', /se devine trop vite/],
  ['azertyuiopqs', /se devine trop vite/],
])('%s is refused', (password, fault) => {
  expect(faultOfPassword(password, about)).toMatch(fault);
});

test.each(['clé du château rouge', 'Vq7#pLw0zT9k', '四つの馬とひとつの古い橋のうた'])('%s is taken', (password) => {
  expect(faultOfPassword(password, about)).toBeUndefined();
});

test('both fields must hold the same', () => {
  const password = 'clé du château rouge';
  expect(faultsOfPasswords({ password, again: password }, about)).toEqual({});
  expect(Object.keys(faultsOfPasswords({ password, again: `${password} ` }, about))).toEqual(['again']);
});
