import fc from 'fast-check';
import { CHAIN_START, chainValue, verifyChain, type Chained, type Link } from './index.js';

const FORGED = 'f'.repeat(64);

/** A stream as the store would hold it. */
function chained(events: readonly Chained[]): Link[] {
  let chain = CHAIN_START;
  return events.map((event, index) => {
    chain = chainValue(chain, event);
    return { ...event, revision: BigInt(index), chain };
  });
}

const headOf = (links: readonly Link[]) => ({ length: links.length, chain: links.at(-1)?.chain ?? CHAIN_START });
const renumbered = (links: readonly Link[]): Link[] =>
  links.map((link, index) => ({ ...link, revision: BigInt(index) }));

/** Each event has an id of its own, so that no two are the same. */
const streams = fc
  .array(fc.record({ type: fc.string(), schema: fc.nat(), data: fc.dictionary(fc.string(), fc.jsonValue()) }), {
    minLength: 2,
    maxLength: 12,
  })
  .map((events) => chained(events.map((event, index) => ({ ...event, id: `event-${String(index)}` }))));

/** A stream, two different places in it, and whether whoever tampers also numbers the events anew. */
const tampering = streams.chain((links) =>
  fc.record({
    links: fc.constant(links),
    place: fc.nat({ max: links.length - 1 }),
    other: fc.nat({ max: links.length - 2 }),
    renumber: fc.boolean(),
  }),
);

const placeOf = (links: readonly Link[], index: number): Link => {
  const link = links[index];
  if (!link) throw new RangeError(`There is no event ${String(index)}.`);
  return link;
};

describe('the chain of a stream', () => {
  it('holds when nobody touched it, with its head and without', () => {
    fc.assert(
      fc.property(streams, (links) => {
        const { chain } = headOf(links);
        expect(verifyChain(links)).toEqual({ intact: true, chain });
        expect(verifyChain(links, headOf(links))).toEqual({ intact: true, chain });
      }),
    );
    expect(verifyChain([])).toEqual({ intact: true, chain: CHAIN_START });
  });

  it('does not depend on the order in which JSON has its members', () => {
    const event = { id: '1', type: 'Signed', schema: 1 };
    expect(chainValue('', { ...event, data: { b: 2, a: { d: 4, c: 3 } } })).toBe(
      chainValue('', { ...event, data: { a: { c: 3, d: 4 }, b: 2 } }),
    );
  });

  it.each<[string, (link: Link) => Partial<Link>]>([
    ['id', ({ id }) => ({ id: `${id}x` })],
    ['type', ({ type }) => ({ type: `${type}x` })],
    ['schema', ({ schema }) => ({ schema: schema + 1 })],
    ['data', ({ data }) => ({ data: { ...data, added: true } })],
    ['chain value', () => ({ chain: FORGED })],
  ])('names the event whose %s was altered', (_what, change) => {
    fc.assert(
      fc.property(tampering, ({ links, place }) => {
        const altered = links.map((link, index) => (index === place ? { ...link, ...change(link) } : link));
        expect(verifyChain(altered)).toEqual({ intact: false, fault: 'altered', revision: BigInt(place) });
      }),
    );
  });

  it('names the place of an event that was dropped, numbered anew or not, the last one by the head', () => {
    fc.assert(
      fc.property(tampering, ({ links, place, renumber }) => {
        const rest = links.toSpliced(place, 1);
        const verdict = verifyChain(renumber ? renumbered(rest) : rest, headOf(links));
        const fault = renumber && place < rest.length ? 'altered' : 'missing';
        expect(verdict).toEqual({ intact: false, fault, revision: BigInt(place) });
      }),
    );
  });

  it('names the place of an event that was put in, the last one by the head', () => {
    fc.assert(
      fc.property(tampering, fc.nat({ max: 1 }), ({ links, place, renumber }, after) => {
        const index = place + after;
        const before = index === 0 ? CHAIN_START : placeOf(links, index - 1).chain;
        const forged = { id: 'forged', type: 'Refused', schema: 1, data: {} };
        const link = { ...forged, revision: BigInt(index), chain: chainValue(before, forged) };
        const tampered = links.toSpliced(index, 0, link);
        const verdict = verifyChain(renumber ? renumbered(tampered) : tampered, headOf(links));
        // The forged event follows from those before it; the one it pushed away does not follow from it any more.
        if (index === links.length) expect(verdict).toEqual({ intact: false, fault: 'added', revision: BigInt(index) });
        else expect(verdict).toEqual({ intact: false, fault: expect.any(String), revision: BigInt(index + 1) });
      }),
    );
  });

  it('names the first of two events that changed places', () => {
    fc.assert(
      fc.property(tampering, ({ links, place, other, renumber }) => {
        const second = other >= place ? other + 1 : other;
        const swapped = links.with(place, placeOf(links, second)).with(second, placeOf(links, place));
        const verdict = verifyChain(renumber ? renumbered(swapped) : swapped);
        const fault = renumber ? 'altered' : 'missing';
        expect(verdict).toEqual({ intact: false, fault, revision: BigInt(Math.min(place, second)) });
      }),
    );
  });

  it('names an event that comes twice', () => {
    fc.assert(
      fc.property(tampering, ({ links, place }) => {
        const twice = links.toSpliced(place, 0, placeOf(links, place));
        expect(verifyChain(twice)).toEqual({ intact: false, fault: 'misplaced', revision: BigInt(place + 1) });
      }),
    );
  });

  it('tells a chain that was made anew by its head', () => {
    fc.assert(
      fc.property(tampering, ({ links, place }) => {
        const forged = links.map((link, index) => (index === place ? { ...link, type: `${link.type}x` } : link));
        const rewritten = chained(forged);
        expect(verifyChain(rewritten)).toMatchObject({ intact: true });
        const last = BigInt(links.length - 1);
        expect(verifyChain(rewritten, headOf(links))).toEqual({ intact: false, fault: 'rewritten', revision: last });
      }),
    );
  });
});
