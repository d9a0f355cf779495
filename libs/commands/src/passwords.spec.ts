import { hashPassword, isPassword, NOBODYS_PASSWORD } from './passwords.js';

test('a password is recognised by its hash, another is not', async () => {
  const phc = await hashPassword('château de sable');
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await isPassword('château de sable', phc)).toBe(true);
  expect(await isPassword('château de sable', await hashPassword('autre chose'))).toBe(false);
});

test('the same password typed with composed or decomposed accents is the same', async () => {
  expect(await isPassword('e\u0301te\u0301', await hashPassword('\u00e9t\u00e9'))).toBe(true);
});

test('two hashes of one password differ', async () => {
  expect(await hashPassword('x')).not.toBe(await hashPassword('x'));
});

test('no password opens the hash of nobody, nor a string that is no hash', async () => {
  expect(await isPassword('', NOBODYS_PASSWORD)).toBe(false);
  expect(await isPassword('', 'plain')).toBe(false);
});
