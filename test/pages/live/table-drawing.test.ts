// What a map and a spread are drawn of.
import { expect, it } from 'vitest';
import { countsOf, levelOf, levels } from '../../../pages/live/table-drawing.js';

it('shows the best darkest, whichever way is better', () => {
  const range = [0.2, 0.7] as const;
  expect([0.2, 0.31, 0.41, 0.51, 0.7].map((score) => levelOf(score, range, 'higher'))).toEqual(levels);
  expect([0.7, 0.58, 0.48, 0.38, 0.2].map((score) => levelOf(score, range, 'lower'))).toEqual(levels);
  expect(levelOf(0.5, [0.5, 0.5], 'higher')).toBe(levels.at(-1));
});

it('counts every value once, the largest in the last interval', () => {
  const counts = countsOf([0, 0.5, 1, 1]);
  expect([counts[0], counts[12], counts.at(-1)]).toEqual([1, 1, 2]);
  expect(counts.reduce((a, b) => a + b)).toBe(4);
  expect(countsOf([3, 3]).reduce((a, b) => a + b)).toBe(2);
});
