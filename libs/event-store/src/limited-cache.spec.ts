import { LimitedCache } from './limited-cache.js';

describe('LimitedCache', () => {
  it('forgets what was used longest ago', () => {
    const cache = new LimitedCache<number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    expect(cache.get('a')).toBe(1);
    cache.set('c', 3);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
  });

  it('counts weights, also when an entry is replaced or deleted', () => {
    const cache = new LimitedCache<string>(10);
    cache.set('heavy', 'x', 9);
    cache.set('heavy', 'y', 2);
    cache.set('light', 'z', 8);
    expect(cache.get('heavy')).toBe('y');
    cache.delete('light');
    cache.set('other', 'w', 8);
    expect([cache.get('heavy'), cache.get('other')]).toEqual(['y', 'w']);
  });

  it('does not keep what is too heavy by itself', () => {
    const cache = new LimitedCache<string>(3);
    cache.set('heavy', 'x', 4);
    expect(cache.get('heavy')).toBeUndefined();
  });
});
