import { LimitedMap } from './limited-map.js';

describe('a limited map', () => {
  const filled = (limit: number, count: number) => {
    const map = new LimitedMap<number, number>(limit);
    for (let n = 0; n < count; n++) map.set(n, n * 10);
    return map;
  };
  /** Newest first, because looking something up counts as using it. */
  const known = (map: LimitedMap<number, number>, count: number) =>
    Array.from({ length: count }, (_, n) => count - 1 - n).filter((n) => map.get(n) !== undefined);

  test('keeps at least the latest half and at most the limit', () => {
    const map = filled(10, 103);
    const kept = known(map, 103);
    expect(kept.length).toBeLessThanOrEqual(10);
    expect(kept.slice(0, 5)).toEqual([102, 101, 100, 99, 98]);
  });

  test('keeps what is used', () => {
    const map = new LimitedMap<number, number>(10);
    map.set(-1, 1);
    for (let n = 0; n < 100; n++) {
      expect(map.get(-1)).toBe(1);
      map.set(n, n);
    }
  });

  test('gives the newest value and forgets what is deleted, in both generations', () => {
    const map = filled(10, 7);
    map.set(0, 1);
    expect(map.get(0)).toBe(1);
    map.delete(0);
    map.delete(6);
    expect([map.get(0), map.get(6)]).toEqual([undefined, undefined]);
    map.clear();
    expect(known(map, 7)).toEqual([]);
  });
});
