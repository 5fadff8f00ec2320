import { expect, it } from 'vitest';
import { CONVOLUTIONAL_FORM } from '../../../src/spaces/convolutional.js';
import { countOperations, countSkips, operationCounts } from '../../../src/spaces/describe.js';
import { zooEntry } from '../../../src/spaces/zoo.js';

it('counts skip connections and operations', () => {
  const { genotype } = zooEntry('DATA_M7');
  expect(countSkips(genotype, CONVOLUTIONAL_FORM)).toEqual({ normal: 8, reduce: 3 });
  expect(operationCounts(genotype)).toEqual({ normal: 13, reduce: 13 });
  expect([countOperations(genotype.normal), countOperations(genotype.reduce)]).toEqual([13, 13]);
});
