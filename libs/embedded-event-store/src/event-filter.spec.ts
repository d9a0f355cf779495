import { compileFilter } from './event-filter.js';
import type { StoredEvent } from './stored-event.js';

const passes = (regex: string, type: string) =>
  compileFilter({ on: 'type', regex, prefixes: [], window: 32, intervalMultiplier: 1 })({ type } as StoredEvent);

describe("a filter's regular expression in .NET's dialect", () => {
  test.each([
    ['^[^\\$].*', 'Letter', '$metadata'],
    ['(?i)^letter', 'LETTER-1', 'other'],
    ['(?is)^a.b$', 'A\nB', 'c'],
    ['^(?i:le)tter$', 'LEtter', 'letTER'],
    ['\\ALetter\\z', 'Letter', 'Letters'],
    ['^\\p{Lu}\\p{Ll}+$', 'Été', 'été'],
    ['\\\\A', 'back\\Aslash', 'A'],
    ['^(?<kind>a|b)\\k<kind>$', 'aa', 'ab'],
  ])('%s passes %j and not %j', (regex, passed, refused) => {
    expect(passes(regex, passed)).toBe(true);
    expect(passes(regex, refused)).toBe(false);
  });

  test.each(['(', '(?>atomic)', '(?x) a b'])('%s is refused as malformed', (regex) => {
    expect(() => passes(regex, 'a')).toThrow(expect.objectContaining({ code: 3 }));
  });
});
