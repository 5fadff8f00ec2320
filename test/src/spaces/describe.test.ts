import { expect, it } from 'vitest';
import { countOperations, countSkips } from '../../../src/spaces/describe.js';
import { zooEntry } from '../../../src/spaces/zoo.js';

it('counts skip connections and operations', () => {
  const { genotype } = zooEntry('DATA_M7');
  expect(countSkips(genotype)).toEqual({ normal: 8, reduce: 3 });
  expect([countOperations(genotype.normal), countOperations(genotype.reduce)]).toEqual([13, 13]);
});
