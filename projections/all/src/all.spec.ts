import { readdirSync } from 'node:fs';
import { projections } from './index.js';

test('the projections are the folders beside this one, under the same names', () => {
  const folders = readdirSync(new URL('../../', import.meta.url)).filter((name) => !['all', 'engine'].includes(name));
  expect(projections.map(({ name }) => name).toSorted()).toEqual(folders.toSorted());
});
