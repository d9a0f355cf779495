import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { CatalogueEntry, EventBody } from '#libs/letter';
import type { CreditCommand } from './commands.js';
import { credit } from './decide.js';
import type { CreditEvent, CreditEventType } from './events.js';
import { catalogue } from './events.js';
import { refusals } from './refusals.js';
import { BrokenCreditHistory } from './state.js';
import type { Credit } from './state.js';

const at = '2026-01-05T08:00:00.000Z';
const letterId = 'letter-1';
const totals = (remaining: number, reserved: number, consumed: number) => ({ remaining, reserved, consumed });

const activation: CreditCommand = { type: 'enterKey', kind: 'activation', serial: 'a', signatures: 2, at };
const recharge: CreditCommand = { type: 'enterKey', kind: 'recharge', serial: 'b', signatures: 3, at };
const reserve: CreditCommand = { type: 'reserve', letterId, at };
const uphold: CreditCommand = { type: 'uphold', letterId, at };
const consume: CreditCommand = { type: 'consume', letterId, at };
const release: CreditCommand = { type: 'release', letterId, reason: 'deposit-failed', at };
const forecast: CreditCommand = { type: 'forecast', at };

const activated: CreditEvent = { type: 'Activated', data: { serial: 'a', signatures: 2, at, ...totals(2, 0, 0) } };
const recharged: CreditEvent = { type: 'Recharged', data: { serial: 'b', signatures: 3, at, ...totals(5, 0, 0) } };
const reserved: CreditEvent = { type: 'Reserved', data: { letterId, at, ...totals(1, 1, 0) } };
const consumed: CreditEvent = { type: 'Consumed', data: { letterId, at, ...totals(1, 0, 1) } };
const released: CreditEvent = {
  type: 'Released',
  data: { letterId, reason: 'deposit-failed', at, ...totals(2, 0, 0) },
};

/** The last of two signatures is taken by another letter. */
const other = (remaining: number, count: number): CreditEvent => ({
  type: 'Reserved',
  data: { letterId: 'letter-2', at, ...totals(remaining, count, 0) },
});
const single: CreditEvent = { type: 'Activated', data: { serial: 'a', signatures: 1, at, ...totals(1, 0, 0) } };
const spent = [single, other(0, 1)];

const stateAfter = (history: readonly CreditEvent[]): Credit =>
  history.reduce((state: Credit, event) => credit.evolve(state, event), credit.initial);
const deciding = (history: readonly CreditEvent[], command: CreditCommand): unknown =>
  credit.decide(stateAfter(history), command);

describe('a key', () => {
  it('activates the account and gives it its first signatures', () => {
    expect(deciding([], activation)).toEqual([activated]);
  });

  it('recharges an account that is active, and no other', () => {
    expect(deciding([activated], recharge)).toEqual([recharged]);
    expect(deciding([], recharge)).toEqual({ refused: 'NOT_ACTIVATED' });
  });

  it('counts once', () => {
    expect(deciding([activated], activation)).toEqual([]);
    expect(deciding([activated, recharged], recharge)).toEqual([]);
  });

  it('that activates adds its signatures to an active account: they were paid for', () => {
    const second: CreditCommand = { ...activation, serial: 'c', signatures: 3 };
    expect(deciding([activated], second)).toMatchObject([{ type: 'Recharged', data: { serial: 'c', remaining: 5 } }]);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1])('of %p signatures is none', (signatures) => {
    expect(deciding([activated], { ...recharge, signatures })).toEqual({ refused: 'KEY_MALFORMED' });
  });
});

describe('a letter', () => {
  it('reserves one signature, once', () => {
    expect(deciding([activated], reserve)).toEqual([reserved]);
    expect(deciding([activated, reserved], reserve)).toEqual([]);
    expect(deciding([activated, reserved, consumed], reserve)).toEqual([]);
  });

  it.each([reserve, forecast])('is refused by an account that is not active or is empty (%p)', (command) => {
    expect(deciding([], command)).toEqual({ refused: 'NOT_ACTIVATED' });
    expect(deciding(spent, command)).toEqual({ refused: 'NO_SIGNATURE_LEFT' });
  });

  it('may be sent as long as a signature remains', () => {
    expect(deciding([activated], forecast)).toEqual([]);
  });

  it('consumes its signature when it is deposited, once', () => {
    expect(deciding([activated, reserved], consume)).toEqual([consumed]);
    expect(deciding([activated, reserved, consumed], consume)).toEqual([]);
  });

  it('gives it back when it cannot be deposited, once', () => {
    expect(deciding([activated, reserved], release)).toEqual([released]);
    expect(deciding([activated, reserved, released], release)).toEqual([]);
    expect(deciding([activated], release)).toEqual([]);
  });

  it('gives nothing back once deposited', () => {
    expect(deciding([activated, reserved, consumed], release)).toEqual({ refused: 'SIGNATURE_CONSUMED' });
  });

  it('reserves again after it gave back', () => {
    expect(deciding([activated, reserved, released], reserve)).toEqual([reserved]);
    expect(deciding([activated, reserved, released], uphold)).toEqual([reserved]);
  });

  it('that was taken in keeps its reservation, or does without where it is older than the account', () => {
    expect(deciding([activated, reserved], uphold)).toEqual([]);
    expect(deciding([activated, reserved, consumed], uphold)).toEqual([]);
    expect(deciding([activated], uphold)).toEqual([]);
    expect(deciding([activated], consume)).toEqual([]);
  });

  it('that was deposited after all takes a signature, if there is one', () => {
    expect(deciding([activated, reserved, released], consume)).toEqual([reserved, consumed]);
    const history: CreditEvent[] = [
      single,
      { type: 'Reserved', data: { letterId, at, ...totals(0, 1, 0) } },
      { type: 'Released', data: { letterId, reason: 'not-submitted', at, ...totals(1, 0, 0) } },
      other(0, 1),
    ];
    expect(deciding(history, consume)).toEqual({ refused: 'NO_SIGNATURE_LEFT' });
    expect(deciding(history, uphold)).toEqual({ refused: 'NO_SIGNATURE_LEFT' });
  });
});

describe('any interleaving of sends, recharges and failures', () => {
  const letters = fc.integer({ min: 0, max: 7 }).map((index) => ({ letterId: `letter-${index}`, at }));
  const command: fc.Arbitrary<CreditCommand> = fc.oneof(
    fc
      .record({
        kind: fc.constantFrom('activation' as const, 'recharge' as const),
        serial: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        signatures: fc.integer({ min: 1, max: 4 }),
      })
      .map((key) => ({ type: 'enterKey' as const, at, ...key })),
    letters.map((of) => ({ type: 'reserve' as const, ...of })),
    letters.map((of) => ({ type: 'uphold' as const, ...of })),
    letters.map((of) => ({ type: 'consume' as const, ...of })),
    letters.map((of) => ({ type: 'release' as const, reason: 'deposit-failed' as const, ...of })),
  );

  it('never leads below zero, and issued = remaining + reserved + consumed', () => {
    const reached = { consumed: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60, size: 'max' }), (commands) => {
        const serials = new Map<string, number>();
        const deposited = new Set<string>();
        let state = credit.initial;
        for (const each of commands) {
          const decision = credit.decide(state, each);
          if ('refused' in decision) {
            reached.refused += 1;
            continue;
          }
          for (const event of decision) {
            state = credit.evolve(state, event);
            if (event.type === 'Activated' || event.type === 'Recharged') {
              expect(serials.has(event.data.serial)).toBe(false);
              serials.set(event.data.serial, event.data.signatures);
            }
            if (event.type === 'Consumed') {
              expect(deposited.has(event.data.letterId)).toBe(false);
              deposited.add(event.data.letterId);
            }
            expect(Math.min(state.remaining, state.reserved, state.consumed)).toBeGreaterThanOrEqual(0);
            expect(state.remaining + state.reserved + state.consumed).toBe(state.issued);
          }
          // Whatever was decided is decided no second time.
          const again = credit.decide(state, each);
          expect('refused' in again ? [] : again).toEqual([]);
        }
        expect(state.issued).toBe([...serials.values()].reduce((sum, signatures) => sum + signatures, 0));
        expect(state.consumed).toBe(deposited.size);
        reached.consumed += state.consumed;
      }),
      { numRuns: 500 },
    );
    // The property has met deposits and refusals: it is no empty promise.
    expect(reached.consumed).toBeGreaterThan(100);
    expect(reached.refused).toBeGreaterThan(100);
  });
});

describe('its history', () => {
  it.each([
    ['a second activation', [activated, activated]],
    ['a recharge of nothing', [recharged]],
    ['a reservation twice', [activated, reserved, reserved]],
    ['a deposit without reservation', [activated, consumed]],
    ['a release without reservation', [activated, released]],
    ['more reservations than signatures', [...spent, { ...reserved, data: { letterId, at, ...totals(-1, 2, 0) } }]],
    ['totals that are wrong', [{ ...activated, data: { serial: 'a', signatures: 2, at, ...totals(3, 0, 0) } }]],
    ['a foreign event', [{ type: 'Franked', data: {} }]],
  ])('is not folded with %s', (_what, history) => {
    expect(() => stateAfter(history as CreditEvent[])).toThrow(BrokenCreditHistory);
  });

  it('of 100,000 letters is folded in no more than linear time', () => {
    const fold = (count: number): number => {
      let state = stateAfter([
        { type: 'Activated', data: { serial: 'a', signatures: count, at, ...totals(count, 0, 0) } },
      ]);
      const began = performance.now();
      for (let index = 0; index < count; index += 1) {
        const of = { letterId: `0190-${index}`, at };
        state = credit.evolve(state, { type: 'Reserved', data: { ...of, ...totals(count - index - 1, 1, index) } });
        state = credit.evolve(state, { type: 'Consumed', data: { ...of, ...totals(count - index - 1, 0, index + 1) } });
      }
      expect([state.consumed, state.letters.get('0190-0')]).toEqual([count, 'consumed']);
      return performance.now() - began;
    };
    fold(2_000);
    // Copying a map per event would make ten times the letters take a hundred times as long.
    expect(fold(100_000) / fold(10_000)).toBeLessThan(40);
  });

  const lives: Readonly<Record<CreditEventType, readonly CreditEventType[]>> = {
    Activated: ['Activated'],
    Recharged: ['Activated', 'Recharged'],
    Reserved: ['Activated', 'Reserved'],
    Consumed: ['Activated', 'Reserved', 'Consumed'],
    Released: ['Activated', 'Reserved', 'Released'],
  };
  const decided: Readonly<Record<CreditEventType, CreditEvent>> = {
    Activated: activated,
    Recharged: recharged,
    Reserved: reserved,
    Consumed: consumed,
    Released: released,
  };
  const versions = (Object.keys(catalogue) as CreditEventType[]).flatMap((type) =>
    Array.from({ length: catalogue[type].schema }, (_, index) => [type, index + 1] as const),
  );

  function fixture(type: CreditEventType, version: number): CreditEvent {
    const url = new URL(`./fixtures/${type}.${version}.json`, import.meta.url);
    const { schema, ...stored } = JSON.parse(readFileSync(url, 'utf8')) as { type: string; schema: number } & EventBody;
    expect([stored.type, schema]).toEqual([type, version]);
    const { schema: current, upcast }: CatalogueEntry = catalogue[type];
    let body: EventBody = stored;
    for (let from = version; from < current; from += 1) body = upcast[from]?.(body) ?? body;
    return { ...body, type } as unknown as CreditEvent;
  }

  it.each(versions)('reads %s as it was stored under schema %i', (type, version) => {
    const read = fixture(type, version);
    // Whoever changes the fields of an event gives it a new schema: see CONTRIBUTING.md.
    expect(Object.keys(read.data).toSorted()).toEqual(Object.keys(decided[type].data).toSorted());
    const life = lives[type].map((each) => fixture(each, catalogue[each].schema));
    expect(stateAfter([...life.slice(0, -1), read])).toMatchObject({ active: true });
  });
});

describe('each refusal', () => {
  it.each(Object.entries(refusals))(
    '%s says what to do in a French sentence, and to programs a 4xx',
    (_code, meaning) => {
      expect(meaning.sentence).toMatch(/^\p{Lu}.+ : .+\.$/u);
      expect(meaning.status).toBeGreaterThanOrEqual(400);
      expect(meaning.status).toBeLessThan(500);
    },
  );
});
