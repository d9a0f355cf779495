import { SettableClock } from './spec/settable-clock.js';
import { WrongLinks } from './wrong-links.js';

let clock: SettableClock;
let links: WrongLinks;
beforeEach(() => {
  clock = new SettableClock();
  links = new WrongLinks(clock);
});

const tryWrong = (times: number, letter = 'a', address = '10.9.8.7') => {
  for (let count = 0; count < times; count += 1) links.add(letter, address);
};

test('twenty wrong links within an hour are the last ones', () => {
  tryWrong(19);
  expect(links.isExhausted('a', '10.9.8.7')).toBe(false);
  tryWrong(1);
  expect(links.isExhausted('a', '10.9.8.7')).toBe(true);
});

test('each letter and each address counts for itself', () => {
  tryWrong(20);
  expect(links.isExhausted('b', '10.9.8.7')).toBe(false);
  expect(links.isExhausted('a', '10.9.8.8')).toBe(false);
});

test('an hour after the first one, counting starts again', () => {
  tryWrong(1);
  clock.advance({ minutes: 59 });
  tryWrong(19);
  expect(links.isExhausted('a', '10.9.8.7')).toBe(true);
  clock.advance({ minutes: 1 });
  expect(links.isExhausted('a', '10.9.8.7')).toBe(false);
  tryWrong(19);
  expect(links.isExhausted('a', '10.9.8.7')).toBe(false);
});

test('the memory is bounded: the oldest counter goes first', () => {
  tryWrong(20, 'first');
  tryWrong(20, 'second');
  for (let letter = 0; letter < 9_999; letter += 1) links.add(String(letter), '10.9.8.7');
  expect(links.isExhausted('first', '10.9.8.7')).toBe(false);
  expect(links.isExhausted('second', '10.9.8.7')).toBe(true);
});
