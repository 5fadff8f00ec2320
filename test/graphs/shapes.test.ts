// Shape rules: inferred shapes are the run-time ones, broadcasting is NumPy's, and what does not fit is refused with
// what was expected and found.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../graphs/builder.js';
import { GenonnxError } from '../../graphs/errors.js';
import { tensor } from '../../graphs/interpret/interpret.js';
import {
  broadcast,
  elementCount,
  factorsOf,
  fixed,
  shapeText,
  sizeOf,
  times,
  windowExtent,
} from '../../graphs/shapes.js';
import { runOne } from '../support/run-graph.js';
import { defined, expectClose, random } from '../support/tensors.js';

const extent = fc.integer({ min: 1, max: 4 });

/** Two shapes that broadcast, by leaving axes of a common shape out or setting them to 1. */
const broadcastable = fc
  .array(fc.record({ size: extent, a: fc.boolean(), b: fc.boolean() }), { maxLength: 4 })
  .chain((axes) =>
    fc.record({
      a: fc.nat(axes.length).map((cut) => axes.slice(cut).map(({ size, a }) => (a ? size : 1))),
      b: fc.nat(axes.length).map((cut) => axes.slice(cut).map(({ size, b }) => (b ? size : 1))),
    }),
  );

/** NumPy's rule written index by index: an axis that is missing or 1 is read at 0. */
function elementAt(shape: readonly number[], data: Float64Array, index: readonly number[]): number {
  const own = index.slice(index.length - shape.length).map((i, axis) => (shape[axis] === 1 ? 0 : i));
  return defined(data[own.reduce((offset, i, axis) => offset * defined(shape[axis]) + i, 0)]);
}

function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (found, size) => found.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

describe('broadcasting', () => {
  it('reads every operand where NumPy reads it', () => {
    fc.assert(
      fc.property(broadcastable, fc.nat(1000), (shapes, seed) => {
        const a = random(shapes.a, seed);
        const b = random(shapes.b, seed + 1);
        const shape = broadcast(shapes.a, shapes.b, 'test').map((size) => fixed(size, 'test'));
        const values = indices(shape).map(
          (index) => elementAt(a.shape, a.data, index) - elementAt(b.shape, b.data, index),
        );
        expectClose(
          runOne([a, b], (g, x, y) => g.sub(x, y)),
          tensor(shape, values),
        );
      }),
    );
  });

  it('is symmetric, and a shape with itself or with [] is itself', () => {
    fc.assert(
      fc.property(broadcastable, ({ a, b }) => {
        expect(broadcast(a, b, 'test')).toEqual(broadcast(b, a, 'test'));
        expect(broadcast(a, a, 'test')).toEqual(a);
        expect(broadcast(a, [], 'test')).toEqual(a);
      }),
    );
  });

  it('lets a name stand beside itself and 1', () => {
    expect(broadcast(['batch', 3], [1, 3], 'test')).toEqual(['batch', 3]);
    expect(broadcast(['batch', 3], ['batch', 1], 'test')).toEqual(['batch', 3]);
    expect(() => broadcast(['batch', 3], [2, 3], 'test')).toThrow(GenonnxError);
  });

  it('refuses sizes that differ, and says which shapes', () => {
    expect(() => broadcast([2, 3], [2], 'add')).toThrow(/in add[\s\S]*\[2, 3\][\s\S]*found: +\[2\]/);
  });

  it('expand agrees with adding zeros', () => {
    fc.assert(
      fc.property(broadcastable, fc.nat(1000), ({ a, b }, seed) => {
        const shape = broadcast(a, b, 'test').map((size) => fixed(size, 'test'));
        const x = random(a, seed);
        const sum = runOne([x], (g, v) => g.add(v, g.zeros(shape)));
        expectClose(
          runOne([x], (g, v) => g.expand(v, shape)),
          sum,
        );
      }),
    );
  });
});

// `runOne` compares the inferred shape of every value with its run-time one.
describe('inferred shapes are run-time shapes', () => {
  const geometry = fc.record({
    images: extent,
    groups: extent,
    inputs: extent,
    outputs: extent,
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    padding: fc.integer({ min: 0, max: 2 }),
    dilation: fc.integer({ min: 1, max: 2 }),
  });

  it('of convolutions, and too small images are refused', () => {
    fc.assert(
      fc.property(geometry, ({ images, groups, inputs, outputs, height, width, kernel, ...options }) => {
        const x = random([images, groups * inputs, height, width]);
        const w = random([groups * outputs, inputs, kernel, kernel]);
        const run = () => runOne([x, w], (g, a, b) => g.conv2d(a, b, { ...options, groups }));
        const fits = Math.min(height, width) + 2 * options.padding > options.dilation * (kernel - 1);
        if (fits) expect(run().shape.slice(0, 2)).toEqual([images, groups * outputs]);
        else expect(run).toThrow(/after padding/);
      }),
    );
  });

  it('of pools', () => {
    fc.assert(
      fc.property(geometry, ({ images, inputs, height, width, kernel, stride, padding }) => {
        fc.pre(padding < kernel && Math.min(height, width) + 2 * padding >= kernel);
        const x = random([images, inputs, height, width]);
        const most = runOne([x], (g, a) => g.maxPool2d(a, { kernel, stride, padding }));
        const average = runOne([x], (g, a) => g.averagePool2d(a, { kernel, stride, padding }));
        expect(average.shape).toEqual(most.shape);
        expect(elementCount(most.shape)).toBeGreaterThan(0);
      }),
    );
  });

  it('of matrix products and reductions', () => {
    fc.assert(
      fc.property(fc.tuple(extent, extent, extent), fc.boolean(), fc.boolean(), ([m, k, n], tA, tB) => {
        const a = random(tA ? [k, m] : [m, k]);
        const b = random(tB ? [n, k] : [k, n]);
        expect(runOne([a, b], (g, x, y) => g.matMul(x, y, tA, tB)).shape).toEqual([m, n]);
      }),
    );
    const reduction = fc.record({
      shape: fc.array(extent, { maxLength: 4 }),
      axes: fc.uniqueArray(fc.integer({ min: 0, max: 3 })),
    });
    fc.assert(
      fc.property(reduction, fc.boolean(), ({ shape, axes }, keepDims) => {
        const present = axes.filter((axis) => axis < shape.length);
        const y = runOne([random(shape)], (g, x) => g.reduceSum(x, present, keepDims));
        expect(y.shape).toHaveLength(keepDims ? shape.length : shape.length - present.length);
      }),
    );
  });
});

describe('windowExtent', () => {
  it('counts the windows that fit', () => {
    const options = fc.record({
      size: fc.integer({ min: 1, max: 20 }),
      kernel: extent,
      stride: extent,
      before: fc.nat(3),
      after: fc.nat(3),
      dilation: extent,
    });
    fc.assert(
      fc.property(options, ({ size, kernel, stride, before, after, dilation }) => {
        let count = 0;
        const last = (start: number): number => start + dilation * (kernel - 1);
        for (let start = -before; last(start) < size + after; start += stride) count += 1;
        fc.pre(count > 0);
        expect(windowExtent(size, kernel, stride, before, after, dilation)).toBe(count);
      }),
    );
  });
});

describe('what does not fit is refused', () => {
  const g = new Builder();
  const image = g.input('image', [2, 4, 5, 5]);
  const matrix = g.input('matrix', [2, 3]);
  const cases: [string, () => unknown][] = [
    ['another rank than 4', () => g.conv2d(matrix, image)],
    ['channels of the weight', () => g.conv2d(image, g.input('w', [4, 3, 1, 1]))],
    ['groups that do not divide', () => g.conv2d(image, g.input('w', [3, 2, 1, 1]), { groups: 2 })],
    [
      'a reduction shifted by half a pixel',
      () => {
        const half = g.input('half', [2, 4, 1, 1]);
        return g.one('factorizedReduce', [image, half, half], { shift: 0.5 });
      },
    ],
    [
      'halves that differ',
      () =>
        g.one(
          'factorizedReduce',
          [g.input('x', [1, 2, 4, 4]), g.input('a', [3, 2, 1, 1]), g.input('b', [1, 2, 1, 1])],
          {},
        ),
    ],
    ['pools over matrices', () => g.maxPool2d(matrix, { kernel: 2, stride: 2, padding: 0 })],
    ['a global pool over a matrix', () => g.globalAveragePool(matrix)],
    [
      'a scale of other channels',
      () => g.one('batchNorm', [image, g.input('s', [3])], { epsilon: 1e-5, affine: 'scale' }),
    ],
    ['a missing shift', () => g.one('batchNorm', [image], { epsilon: 1e-5, affine: 'scale-shift' })],
    ['inner extents of a product', () => g.matMul(matrix, matrix)],
    ['a product of images', () => g.matMul(image, matrix)],
    ['terms of a sum', () => g.sum([matrix, g.input('t', [3, 2])])],
    ['a reshape to another size', () => g.reshape(matrix, [7])],
    ['a slice beyond the end', () => g.one('slice', [matrix], { axis: 1, start: 1, end: 4 })],
    ['an empty slice', () => g.one('slice', [matrix], { axis: 1, start: 1, end: 1 })],
    ['parts of a concatenation', () => g.concat([matrix, g.input('p', [3, 3])], 1)],
    ['a split that leaves something', () => g.split(matrix, 1, [1, 1])],
    ['an expansion that shrinks', () => g.expand(matrix, [2, 1])],
    ['a constant with too few values', () => g.constant([1, 2], [3])],
    [
      'labels of another batch',
      () =>
        g.one('softmaxCrossEntropy', [matrix, g.input('l', [3], 'int64'), g.input('v', [2])], {
          labelSmoothing: 0,
        }),
    ],
  ];
  it.each(cases)('%s', (_, build) => {
    expect(build).toThrow(GenonnxError);
    expect(build).toThrow(/expected: [\s\S]*found: /);
  });

  it('with the place in the network', () => {
    const build = (): unknown =>
      g.within('cells.3', () => g.within('node2', () => g.add(matrix, g.input('b', [2]))));
    expect(build).toThrow(/where: +cells\.3\/node2 \(add\)/);
  });

  it('a symbolic dimension where a number is needed names the cure', () => {
    const images = g.input('images', [2, 3, 'height', 8]);
    expect(() => g.maxPool2d(images, { kernel: 2, stride: 2, padding: 0 })).toThrow(/fixed batch/);
    expect(shapeText(images.shape)).toBe('[2, 3, height, 8]');
  });
});

describe('products of dimensions', () => {
  it('are numbers where all are known, and names where not', () => {
    expect(times()).toBe(1);
    expect(times(3, 4)).toBe(12);
    expect(times('steps', 3, 'batch', 2)).toBe('6*batch*steps');
    expect(times('batch', 1)).toBe('batch');
    expect(times('batch', 0)).toBe(0);
  });

  it('do not depend on how they were made', () => {
    expect(times(times('b', 2), times('a', 3))).toBe(times('a', times(6, 'b')));
    expect(factorsOf('6*a*b')).toEqual({ known: 6, names: ['a', 'b'] });
  });

  it('are sizes where all names are known', () => {
    const sizes = new Map([
      ['a', 5],
      ['b', 7],
    ]);
    expect(sizeOf('2*a*b', sizes)).toBe(70);
    expect(sizeOf(4, sizes)).toBe(4);
    expect(sizeOf('2*c', sizes)).toBeUndefined();
  });
});
