import { metadataWithTruncateBefore, NO_LIMITS, parseLimits } from './stream-state.js';

const parse = (text: string) => parseLimits(Buffer.from(text));

describe('the limits in stream metadata', () => {
  test('are read as seconds, counts and revisions', () => {
    expect(parse('{"$maxAge":60,"$maxCount":5,"$tb":3}')).toEqual({ maxAge: 60_000, maxCount: 5, truncateBefore: 3 });
  });

  test.each(['{}', '', 'not json', '[1]', 'null', '{"$maxCount":0,"$maxAge":-1,"$tb":"x"}'])(
    'of %j are none',
    (text) => {
      expect(parse(text)).toEqual(NO_LIMITS);
    },
  );

  test('of a soft delete hide everything, and a new $tb takes its place without touching the rest', () => {
    const deleted = metadataWithTruncateBefore(Buffer.from('{"$maxCount":5,"own":{"a":[1]}}'), 'max');
    expect(deleted.toString()).toBe('{"$tb":9223372036854775807,"$maxCount":5,"own":{"a":[1]}}');
    expect(parseLimits(deleted).truncateBefore).toBe(Infinity);
    const again = metadataWithTruncateBefore(deleted, 7);
    expect(JSON.parse(again.toString())).toEqual({ $tb: 7, $maxCount: 5, own: { a: [1] } });
    expect(metadataWithTruncateBefore(null, 1).toString()).toBe('{"$tb":1}');
  });
});
