import { BrowserSessions } from './browser-sessions.js';

const key = Buffer.alloc(32, 1);
const sessions = new BrowserSessions(key);
const cookie = sessions.open('letter-a', 2);

test('a browser is recognised for the letter and the notice whose link it opened', () => {
  const session = sessions.read(cookie, 'letter-a', 2);
  expect(session).toMatch(/^[0-9a-f]{64}$/);
  expect(new BrowserSessions(key).read(cookie, 'letter-a', 2)).toBe(session);
});

test('the session that the letter knows is not in the cookie', () => {
  expect(cookie).not.toContain(sessions.read(cookie, 'letter-a', 2));
});

test('two browsers are two sessions', () => {
  expect(sessions.read(sessions.open('letter-a', 2), 'letter-a', 2)).not.toBe(sessions.read(cookie, 'letter-a', 2));
});

const [notice, id, seal] = cookie.split('.') as [string, string, string];
const altered = (text: string) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;

test.each([
  ['another letter', cookie, 'letter-b', 2],
  ['a later notice', cookie, 'letter-a', 3],
  ['a notice that the browser claims itself', `3.${id}.${seal}`, 'letter-a', 3],
  ['an altered id', `${notice}.${altered(id)}.${seal}`, 'letter-a', 2],
  ['an altered seal', `${notice}.${id}.${altered(seal)}`, 'letter-a', 2],
  ['a shortened seal', `${notice}.${id}.${seal.slice(1)}`, 'letter-a', 2],
  ['the seal of another key', new BrowserSessions(Buffer.alloc(32, 2)).open('letter-a', 2), 'letter-a', 2],
  ['no cookie', undefined, 'letter-a', 2],
  ['a cookie that is an object', { notice, id, seal }, 'letter-a', 2],
])('%s opens nothing', (_, value, letter, current) => {
  expect(sessions.read(value, letter, current)).toBeUndefined();
});
