import { expect, it } from 'vitest';
import { candidateRatios } from '../../../src/bench/candidates.js';
import { measurementOf, resultsOf } from './results-case.js';

it('compares no lengths of texts with each other', () => {
  const { execution } = measurementOf([[1]]);
  const of = (length: number) => measurementOf([[2], [2]], { execution: { ...execution, length } });
  expect(candidateRatios(resultsOf([of(1), of(35), of(1)]))).toMatchObject([{ candidate: 2, reference: 0 }]);
});

it('compares each candidate with the first of its batch, round by round', () => {
  const { execution } = measurementOf([[1]]);
  const batched = { execution: { ...execution, batch: 8 } };
  const results = resultsOf([
    measurementOf([[2], [20], [4], [2], [2], [2]]),
    measurementOf([[30], [50]], batched),
    measurementOf([[3], [30], [6], [3], [3], [3]]),
    measurementOf([[15], [25]], batched),
  ]);
  const found = candidateRatios(results);
  expect(found.map(({ candidate, reference }) => [candidate, reference])).toEqual([
    [2, 0],
    [3, 1],
  ]);
  expect(found[0]?.ratio.ratio).toBeCloseTo(1.5, 12);
  // The drift from 2 to 20 is in both.
  expect(found[0]?.ratio.interval?.[1]).toBeCloseTo(1.5, 9);
  expect(found[1]?.ratio.ratio).toBeCloseTo(0.5, 12);
});

it('refuses candidates that did not run in the same rounds', () => {
  const results = resultsOf([measurementOf([[2], [2]]), measurementOf([[3]])]);
  expect(() => candidateRatios(results)).toThrow(expect.objectContaining({ code: 'usage' }));
});
