// Elementwise operations, products, sums, reductions and concatenations in both layouts against the interpreter, and
// changes of layout between operations that have a blocked form and those that have none.
import { describe, expect, it } from 'vitest';
import { tensor } from '../../../../graphs/interpret/interpret.js';
import { elementCount } from '../../../../graphs/shapes.js';
import { positive, random } from '../../../support/tensors.js';
import { type Case, itAgrees, operatorsOf } from './agreement.js';

type Shape4 = readonly [number, number, number, number];

const shapes: readonly Shape4[] = [
  [2, 16, 8, 8],
  [4, 4, 7, 7],
  [8, 8, 4, 6],
  [4, 12, 5, 5],
  [2, 24, 7, 7],
  [2, 32, 3, 3],
  [4, 36, 4, 4],
  [4, 20, 5, 3],
  [3, 8, 7, 7],
  [2, 4, 8, 8],
  [16, 1, 4, 4],
];

const forAll = (what: string, build: (x: Shape4) => Case['build']): Case[] =>
  shapes.map((x) => ({ name: `[${x.join()}], ${what}`, build: build(x) }));

describe('activations', () => {
  itAgrees([
    ...forAll('relu and its gradient', (x) => (g, feed) => {
      const y = g.relu(feed(x));
      return [y, g.one('reluGrad', [feed(x), y], {})];
    }),
    ...forAll('reluGrad of tiny, zero and negative zero', (x) => (g, feed) => {
      const few = [0, -0, 1e-20, -1e-20, 1];
      const y = tensor(
        x,
        Array.from({ length: elementCount(x) }, (_, i) => few[i % few.length] ?? 0),
      );
      return [g.one('reluGrad', [feed(x), feed(y)], {})];
    }),
  ]);
});

describe('arithmetic', () => {
  itAgrees([
    ...forAll('of equal shapes', (x) => (g, feed) => {
      const [a, b] = [feed(x), feed(positive(x, 3))];
      return [
        g.add(a, b),
        g.sub(a, b),
        g.mul(a, b),
        g.div(a, b),
        g.neg(a),
        g.sqrt(b),
        g.add(a, a),
        g.mul(a, a),
      ];
    }),
    ...forAll('with one number', (x) => (g, feed) => {
      const a = feed(x);
      const numbers = [feed([]), feed([1]), feed([1, 1, 1, 1])];
      return numbers.flatMap((number) => [g.mul(a, number), g.mul(number, a), g.add(a, number)]);
    }),
    ...forAll('with one number for each image', (x) => (g, feed) => {
      const [a, mask] = [feed(x), feed([x[0], 1, 1, 1])];
      return [g.mul(a, mask), g.mul(mask, a), g.add(a, mask)];
    }),
    ...forAll('with one number for each channel, or pixel', (x) => (g, feed) => {
      const a = feed(x);
      const channel = feed([1, x[1], 1, 1]);
      const pixel = feed([1, 1, x[2], x[3]]);
      return [g.mul(a, channel), g.mul(channel, a), g.add(a, channel), g.mul(a, pixel), g.mul(pixel, a)];
    }),
    ...forAll('of maps of one pixel with whole maps', (x) => (g, feed) => {
      const a = feed(x);
      const single = feed([x[0], x[1], 1, 1]);
      return [g.mul(a, single), g.mul(single, a), g.mul(single, single)];
    }),
  ]);
});

describe('sums', () => {
  const convolution =
    (x: Shape4, inputs: number, bias: boolean): Case['build'] =>
    (g, feed) => {
      const weight = feed([x[1], inputs, 1, 1]);
      const map = feed([x[0], inputs, x[2], x[3]]);
      return [g.conv2d(map, weight, bias ? { bias: feed([x[1]]) } : {})];
    };
  const withConvolutions =
    (channels: readonly number[], others: number) =>
    (x: Shape4): Case['build'] =>
    (g, feed) => {
      const terms = channels.flatMap((inputs, i) => convolution(x, inputs, i === 1)(g, feed));
      return [g.sum([...terms, ...Array.from({ length: others }, () => feed(x))])];
    };
  itAgrees([
    ...forAll('of maps', (x) => (g, feed) => [
      g.sum([feed(x), feed(x)]),
      g.sum([feed(x), feed(x), feed(x), feed(x)]),
    ]),
    ...forAll('of a map with itself', (x) => (g, feed) => {
      const a = feed(x);
      return [g.sum([a, a, g.relu(a)])];
    }),
    ...forAll('of convolutions', withConvolutions([8, 16, 4], 0)),
    ...forAll('of one convolution and a map', withConvolutions([16], 1)),
    ...forAll('of convolutions and maps', withConvolutions([24, 16], 2)),
    ...forAll('of a convolution twice, or read elsewhere', (x) => (g, feed) => {
      const [twice] = convolution(x, 16, false)(g, feed);
      const [also] = convolution(x, 8, true)(g, feed);
      if (twice === undefined || also === undefined) throw new RangeError('convolution');
      return [g.sum([twice, twice]), g.sum([also, feed(x)]), g.relu(also)];
    }),
  ]);

  it('accumulate convolutions in place, in blocked form', () => {
    const operators = operatorsOf(
      { name: 'sum', build: withConvolutions([16, 32, 16], 0)([2, 16, 8, 8]) },
      { kind: 'blocked', block: 16 },
    );
    expect(operators).not.toContain('Add');
  });
});

// Of positive numbers where one number comes out: sums that cancel are all rounding.
describe('reductions', () => {
  itAgrees([
    ...forAll('of a product over everything', (x) => (g, feed) => [
      g.reduceSum(g.mul(feed(positive(x)), feed(positive(x, 2))), [0, 1, 2, 3]),
    ]),
    ...forAll('of a square over everything', (x) => (g, feed) => {
      const a = feed(x);
      return [g.reduceSum(g.mul(a, a), [0, 1, 2, 3])];
    }),
    ...forAll('of a product that is read elsewhere', (x) => (g, feed) => {
      const product = g.mul(feed(positive(x)), feed(positive(x)));
      return [g.reduceSum(product, [0, 1, 2, 3]), g.relu(product)];
    }),
    ...forAll('of a product with one number', (x) => (g, feed) => [
      g.reduceSum(g.mul(feed(positive(x)), feed([1])), [0, 1, 2, 3]),
    ]),
    ...forAll('over some axes', (x) => (g, feed) => {
      const product = g.mul(feed(x), feed(x));
      return [
        g.reduceSum(g.relu(product), [0, 2, 3]),
        g.reduceSum(feed(x), [2, 3], true),
        g.reduceSum(g.mul(feed(positive(x)), feed(positive(x))), [0, 1, 2, 3], true),
      ];
    }),
    ...forAll('to means of channels', (x) => (g, feed) => [g.channelMean(feed(x))]),
  ]);
});

describe('concatenations', () => {
  itAgrees([
    ...forAll('along the channels', (x) => (g, feed) => {
      const other = feed([x[0], 16, x[2], x[3]]);
      const joined = g.concat([g.relu(feed(x)), other, feed(x)], 1);
      return [joined, g.relu(joined), ...g.split(joined, 1, [x[1], 16 + x[1]])];
    }),
    ...forAll('along the images', (x) => (g, feed) => [g.relu(g.concat([g.relu(feed(x)), feed(x)], 0))]),
  ]);
});

describe('changes of layout', () => {
  itAgrees([
    ...forAll('through operations that have no blocked form', (x) => (g, feed) => {
      const y = g.relu(feed(x));
      const turned = g.one('transpose', [y], { permutation: [1, 0, 2, 3] });
      const padded = g.one('pad', [y], { axis: 3, before: 1, after: 1 });
      return [
        g.relu(turned),
        g.relu(padded),
        g.relu(g.one('slice', [y], { axis: 2, start: 1, end: x[2] })),
        g.reshape(y, [x[0], x[1] * x[2] * x[3]]),
        g.relu(g.reshape(y, [x[0], x[1], x[3], x[2]])),
      ];
    }),
    ...forAll('of constants', (x) => (g, feed) => {
      const { data } = random(x, 8);
      const constant = g.constant(data.map(Math.fround), x);
      return [g.add(feed(x), constant), g.relu(constant)];
    }),
    ...forAll('of inputs that are outputs, and of outputs twice', (x) => (g, feed) => {
      const a = feed(x);
      const y = g.relu(a);
      return [a, y, y];
    }),
  ]);
});
