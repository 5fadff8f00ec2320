import { expect, it } from 'vitest';
import { distinct } from '../../datasets/make-fashion-mnist.js';

/** An image whose first pixel is so bright, and all others black. */
const image = (first: number): number[] => [first, ...new Array<number>(28 * 28 - 1).fill(0)];
const firsts = (images: readonly Uint8Array[]): (number | undefined)[] => images.map(([pixel]) => pixel);

it('takes the first distinct images of a class, of every class others', () => {
  const seen = new Set<string>();
  const turned = [...image(2).slice(0, 28).reverse(), ...image(2).slice(28)];
  const rows = [image(1), [], image(2), image(1), turned, image(3), image(4)];
  expect(firsts(distinct(rows, seen, 3, 'here'))).toEqual([1, 2, 3]);
  expect(firsts(distinct([image(3), image(5)], seen, 1, 'here'))).toEqual([5]);
  expect(() => distinct([image(5)], seen, 1, 'here')).toThrow('too few distinct images');
});
