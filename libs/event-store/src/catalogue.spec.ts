import type { Catalogue } from './catalogue.js';
import { EventTypes } from './catalogue.js';
import { CatalogueInvalid, EventSchemaTooNew, EventTypeUnknown } from './errors.js';

const catalogue: Catalogue = {
  Moved: {
    schema: 3,
    upcast: {
      1: ({ data }) => ({ data: { street: data['address'] } }),
      2: ({ data, personal }) => ({ data: { ...data, country: 'FR' }, personal: { ...personal, seen: true } }),
    },
  },
  Left: { schema: 1, upcast: {} },
};
const types = new EventTypes([catalogue]);

describe('upcasting', () => {
  it('goes step by step from the oldest schema', () => {
    expect(types.upcast('Moved', 1, { data: { address: 'rue A' } }, 's@0')).toEqual({
      type: 'Moved',
      data: { street: 'rue A', country: 'FR' },
      personal: { seen: true },
    });
  });

  it('starts at the schema the event has', () => {
    const older = { data: { street: 'rue B' }, personal: { name: 'X' } };
    expect(types.upcast('Moved', 2, older, 's@0')).toMatchObject({
      data: { street: 'rue B', country: 'FR' },
      personal: { name: 'X', seen: true },
    });
  });

  it('leaves a current event as it is', () => {
    expect(types.upcast('Moved', 3, { data: { street: 'rue C' } }, 's@0')).toEqual({
      type: 'Moved',
      data: { street: 'rue C' },
    });
  });

  it('names an event that is newer than this version', () => {
    expect(() => types.upcast('Left', 2, { data: {} }, 'party-1@4')).toThrow(EventSchemaTooNew);
    expect(() => types.upcast('Left', 2, { data: {} }, 'party-1@4')).toThrow('Left has schema 2 (party-1@4)');
  });

  it('names a type that no catalogue has', () => {
    expect(() => types.upcast('Arrived', 1, { data: {} }, 'party-1@0')).toThrow(EventTypeUnknown);
    expect(() => types.currentSchema('Arrived')).toThrow('Arrived');
  });
});

describe('catalogues', () => {
  it('may not claim the same type twice', () => {
    expect(() => new EventTypes([catalogue, { Left: { schema: 1, upcast: {} } }])).toThrow(CatalogueInvalid);
  });

  it('may not lack a step', () => {
    expect(() => new EventTypes([{ Moved: { schema: 3, upcast: { 1: (older) => older } } }])).toThrow(
      'no step from schema 2',
    );
  });
});
