// What the kernels compute, against values and closed forms found without them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Builder } from '../../../graphs/builder.js';
import { type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import type { PoolAttributes } from '../../../graphs/ir.js';
import { runAll, runOne } from '../../support/run-graph.js';
import { defined, expectClose, positive, random } from '../../support/tensors.js';

const ones = (shape: readonly number[]): Tensor =>
  tensor(shape, new Array(shape.reduce((a, b) => a * b, 1)).fill(1));
const counting = (shape: readonly number[]): Tensor => {
  const { data } = ones(shape);
  return tensor(
    shape,
    data.map((_, i) => i),
  );
};
const dot = (a: Tensor, b: Tensor): number => a.data.reduce((sum, v, i) => sum + v * defined(b.data[i]), 0);

describe('convolution', () => {
  it('of ones counts the pixels that its window holds', () => {
    const y = runOne([ones([1, 1, 3, 4]), ones([1, 1, 3, 3])], (g, x, w) => g.conv2d(x, w, { padding: 1 }));
    expectClose(y, tensor([1, 1, 3, 4], [4, 6, 6, 4, 6, 9, 9, 6, 4, 6, 6, 4]));
  });

  it('with one weight moves the image, without flipping the kernel', () => {
    const corner = tensor([1, 1, 3, 3], [1, 0, 0, 0, 0, 0, 0, 0, 0]);
    const y = runOne([counting([1, 1, 3, 3]), corner], (g, x, w) => g.conv2d(x, w, { padding: 1 }));
    expectClose(y, tensor([1, 1, 3, 3], [0, 0, 0, 0, 0, 1, 0, 3, 4]));
  });

  it('takes every second pixel at stride 2 and leaves out what does not fill a window', () => {
    const x = counting([1, 1, 4, 5]);
    const one = ones([1, 1, 1, 1]);
    expectClose(
      runOne([x, one], (g, a, w) => g.conv2d(a, w, { stride: 2 })),
      tensor([1, 1, 2, 3], [0, 2, 4, 10, 12, 14]),
    );
    const square = ones([1, 1, 2, 2]);
    expectClose(
      runOne([x, square], (g, a, w) => g.conv2d(a, w, { stride: 2 })),
      tensor([1, 1, 2, 2], [0 + 1 + 5 + 6, 2 + 3 + 7 + 8, 10 + 11 + 15 + 16, 12 + 13 + 17 + 18]),
    );
  });

  it('of dilation 2 reads every second pixel', () => {
    const y = runOne([counting([1, 1, 3, 3]), ones([1, 1, 2, 2])], (g, x, w) =>
      g.conv2d(x, w, { dilation: 2 }),
    );
    expectClose(y, tensor([1, 1, 1, 1], [0 + 2 + 6 + 8]));
  });

  it('sums over the channels of its group, and adds the bias', () => {
    const x = tensor([1, 4, 1, 1], [1, 2, 3, 4]);
    const b = tensor([2], [0.5, -0.5]);
    const dense = tensor([2, 4, 1, 1], [1, 10, 100, 1000, 1, 0, 0, 0]);
    expectClose(
      runOne([x, dense, b], (g, a, w, bias) => g.conv2d(a, w, { bias })),
      tensor([1, 2, 1, 1], [4321.5, 0.5]),
    );
    const grouped = tensor([2, 2, 1, 1], [1, 10, 1, 10]);
    expectClose(
      runOne([x, grouped, b], (g, a, w, bias) => g.conv2d(a, w, { groups: 2, bias })),
      tensor([1, 2, 1, 1], [21.5, 42.5]),
    );
    const depthwise = tensor([4, 1, 1, 1], [1, 10, 100, 1000]);
    expectClose(
      runOne([x, depthwise], (g, a, w) => g.conv2d(a, w, { groups: 4 })),
      tensor([1, 4, 1, 1], [1, 20, 300, 4000]),
    );
  });

  it('has backward operations that are its adjoints', () => {
    const extent = fc.integer({ min: 3, max: 7 });
    const small = fc.integer({ min: 1, max: 2 });
    const geometry = fc.record({
      height: extent,
      width: extent,
      groups: fc.integer({ min: 1, max: 3 }),
      inputs: small,
      outputs: small,
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: small,
      padding: fc.integer({ min: 0, max: 2 }),
      dilation: small,
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(geometry, ({ height, width, groups, inputs, outputs, kernel, seed, ...options }) => {
        const { stride, padding, dilation } = options;
        fc.pre(Math.min(height, width) + 2 * padding > dilation * (kernel - 1));
        const x = random([2, groups * inputs, height, width], seed);
        const w = random([groups * outputs, inputs, kernel, kernel], seed + 1);
        const y = runOne([x, w], (g, a, b) => g.conv2d(a, b, { ...options, groups }));
        const dy = random(y.shape, seed + 2);
        const attributes = {
          strides: [stride, stride],
          pads: [padding, padding, padding, padding],
          dilations: [dilation, dilation],
          groups,
        } as const;
        const dx = runOne([dy, w], (g, a, b) =>
          g.one('conv2dInputGrad', [a, b], { ...attributes, inputExtent: [height, width] }),
        );
        const dw = runOne([x, dy], (g, a, b) =>
          g.one('conv2dWeightGrad', [a, b], { ...attributes, kernel: [kernel, kernel] }),
        );
        expect(dot(x, dx)).toBeCloseTo(dot(y, dy), 10);
        expect(dot(w, dw)).toBeCloseTo(dot(y, dy), 10);
      }),
      { numRuns: 50 },
    );
  });

  it('factorizedReduce reads the even pixels with one weight, the odd ones with the other', () => {
    const x = counting([1, 2, 2, 4]);
    const a = tensor([1, 2, 1, 1], [1, 100]);
    const b = tensor([1, 2, 1, 1], [1, 1000]);
    const y = runOne([x, a, b], (g, ...inputs) => g.one('factorizedReduce', inputs, {}));
    expectClose(y, tensor([1, 2, 1, 2], [0 + 800, 2 + 1000, 5 + 13000, 7 + 15000]));
  });
});

describe('pooling', () => {
  const pool = { kernel: 3, stride: 2, padding: 1 };

  it('takes the maximum; padding never wins', () => {
    const x = tensor([1, 1, 3, 3], [-1, -2, -3, -4, -5, -6, -7, -8, -9]);
    const y = runOne([x], (g, a) => g.maxPool2d(a, pool));
    expectClose(y, tensor([1, 1, 2, 2], [-1, -2, -4, -5]));
  });

  it('takes the average of the pixels that are there', () => {
    const y = runOne([counting([1, 1, 3, 3])], (g, a) => g.averagePool2d(a, pool));
    expectClose(y, tensor([1, 1, 2, 2], [2, 3, 5, 6]));
    expectClose(
      runOne([ones([2, 3, 5, 4])], (g, a) => g.averagePool2d(a, pool)),
      ones([2, 3, 3, 2]),
    );
  });

  it('keeps the sum of the gradients', () => {
    const attributes: PoolAttributes = { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
    const dy = random([2, 2, 3, 3]);
    const dx = runOne([dy], (g, a) =>
      g.one('averagePool2dGrad', [a], { ...attributes, inputExtent: [6, 5] }),
    );
    expect(dot(dx, ones(dx.shape))).toBeCloseTo(dot(dy, ones(dy.shape)), 12);
    const byMaximum = runOne([random([2, 2, 6, 5]), dy], (g, x, a) =>
      g.one('maxPool2dGrad', [x, a], attributes),
    );
    expect(dot(byMaximum, ones(byMaximum.shape))).toBeCloseTo(dot(dy, ones(dy.shape)), 12);
  });

  it('averages over the whole image', () => {
    const y = runOne([counting([1, 2, 2, 2])], (g, a) => g.globalAveragePool(a));
    expectClose(y, tensor([1, 2], [1.5, 5.5]));
  });
});

describe('batch norm', () => {
  // Channel 0 holds 1, 3, 5, 7 over two images; channel 1 is constant.
  const x = tensor([2, 2, 1, 2], [1, 3, 9, 9, 5, 7, 9, 9]);

  it('has zero mean and unit variance, and says with what it got there', () => {
    const [y, mean, variance, inverseStd] = runAll([x], (g, a) =>
      g.apply('batchNorm', [a], { epsilon: 0, affine: 'none' }),
    );
    const root = Math.sqrt(5);
    expectClose(mean, tensor([2], [4, 9]));
    expectClose(variance, tensor([2], [5, 0]));
    expectClose(inverseStd, tensor([2], [1 / root, Number.POSITIVE_INFINITY]));
    expect([...defined(y).data.subarray(0, 2)]).toEqual([-3 / root, -1 / root]);
  });

  it('scales and shifts; epsilon keeps a constant channel at the shift', () => {
    const affine = [tensor([2], [2, 2]), tensor([2], [1, -1])];
    const [y] = runAll([x, ...affine], (g, ...inputs) =>
      g.apply('batchNorm', inputs, { epsilon: 4, affine: 'scale-shift' }),
    );
    // (x - 4) / sqrt(5 + 4) 2 + 1
    expectClose(y, tensor([2, 2, 1, 2], [-1, 1 / 3, -1, -1, 5 / 3, 3, -1, -1]));
  });

  it('takes one scale for all channels', () => {
    const attributes = { epsilon: 1e-5, affine: 'scale' } as const;
    const point = random([2, 3, 2, 2]);
    const [once] = runAll([point, tensor([1], [0.3])], (g, a, s) => g.apply('batchNorm', [a, s], attributes));
    const [each] = runAll([point, tensor([3], [0.3, 0.3, 0.3])], (g, a, s) =>
      g.apply('batchNorm', [a, s], attributes),
    );
    expectClose(once, defined(each));
  });

  it('does not change under a large shift of its input', () => {
    const point = random([4, 1, 3, 3]);
    const far = { shape: point.shape, data: point.data.map((v) => v + 2 ** 20) };
    const normalise = (a: Tensor): Tensor =>
      defined(runAll([a], (g, v) => g.apply('batchNorm', [v], { epsilon: 1e-5, affine: 'none' }))[0]);
    expectClose(normalise(far), normalise(point), { absolute: 1e-8, relative: 0 });
  });

  it('infers with the running statistics', () => {
    const parts = [tensor([2], [1, 9]), tensor([2], [3, 0]), tensor([2], [2, 2]), tensor([2], [0, 7])];
    const y = runOne([x, ...parts], (g, ...inputs) =>
      g.one('batchNormInference', inputs, { epsilon: 1, affine: 'scale-shift' }),
    );
    expectClose(y, tensor([2, 2, 1, 2], [0, 2, 7, 7, 4, 6, 7, 7]));
  });

  it('takes the mean over images and pixels', () => {
    expectClose(
      runOne([x], (g, a) => g.channelMean(a)),
      tensor([2], [4, 9]),
    );
  });
});

describe('elementwise', () => {
  it('works element by element', () => {
    const x = tensor([4], [-4, -0.5, 0, 9]);
    const y = tensor([4], [2, -1, 3, 3]);
    expectClose(
      runOne([x], (g, a) => g.relu(a)),
      tensor([4], [0, 0, 0, 9]),
    );
    expectClose(
      runOne([x], (g, a) => g.neg(a)),
      tensor([4], [4, 0.5, 0, -9]),
    );
    expectClose(
      runOne([tensor([2], [4, 2])], (g, a) => g.one('reciprocal', [g.sqrt(a)], {})),
      tensor([2], [0.5, Math.SQRT1_2]),
    );
    expectClose(
      runOne([x, y], (g, a, b) => g.sub(a, b)),
      tensor([4], [-6, 0.5, -3, 6]),
    );
    expectClose(
      runOne([x, y], (g, a, b) => g.div(a, b)),
      tensor([4], [-2, 0.5, 0, 3]),
    );
    expectClose(
      runOne([x, y], (g, a, b) => g.one('minimum', [a, b], {})),
      tensor([4], [-4, -1, 0, 3]),
    );
    expectClose(
      runOne([x, y, x], (g, ...terms) => g.sum(terms)),
      tensor([4], [-6, -2, 3, 21]),
    );
  });

  it('reluGrad passes where the result was positive', () => {
    const dy = tensor([4], [5, 6, 7, 8]);
    const y = runOne([dy, tensor([4], [0, 2, 0, 0.1])], (g, a, b) => g.one('reluGrad', [a, b], {}));
    expectClose(y, tensor([4], [0, 6, 0, 8]));
  });

  it('reads truth values as 0 and 1', () => {
    const a = tensor([4], [0, 0, 1, 1]);
    const b = tensor([4], [0, 1, 0, 1]);
    expectClose(
      runOne([a, b], (g, x, y) => g.one('and', [x, g.one('not', [y], {})], {})),
      tensor([4], [0, 0, 1, 0]),
    );
  });
});

describe('matrix product and reduction', () => {
  const product = tensor([2, 2], [58, 64, 139, 154]);
  const a = tensor([2, 3], [1, 2, 3, 4, 5, 6]);
  const b = tensor([3, 2], [7, 8, 9, 10, 11, 12]);
  const aT = tensor([3, 2], [1, 4, 2, 5, 3, 6]);
  const bT = tensor([2, 3], [7, 9, 11, 8, 10, 12]);

  it('reads each operand as it is or transposed', () => {
    expectClose(
      runOne([a, b], (g, x, y) => g.matMul(x, y)),
      product,
    );
    expectClose(
      runOne([aT, b], (g, x, y) => g.matMul(x, y, true)),
      product,
    );
    expectClose(
      runOne([a, bT], (g, x, y) => g.matMul(x, y, false, true)),
      product,
    );
    expectClose(
      runOne([aT, bT], (g, x, y) => g.matMul(x, y, true, true)),
      product,
    );
  });

  it('sums over axes', () => {
    const x = counting([2, 2, 3]);
    expectClose(
      runOne([x], (g, v) => g.reduceSum(v, [0, 2])),
      tensor([2], [3 + 21, 12 + 30]),
    );
    expectClose(
      runOne([x], (g, v) => g.reduceSum(v, [1], true)),
      tensor([2, 1, 3], [3, 5, 7, 15, 17, 19]),
    );
    expectClose(
      runOne([x], (g, v) => g.reduceSum(v, [0, 1, 2])),
      tensor([], [66]),
    );
  });
});

describe('layout', () => {
  const x = counting([2, 3]);

  it('moves elements where they belong', () => {
    expectClose(
      runOne([x], (g, v) => g.one('transpose', [v], { permutation: [1, 0] })),
      tensor([3, 2], [0, 3, 1, 4, 2, 5]),
    );
    expectClose(
      runOne([x], (g, v) => g.one('slice', [v], { axis: 1, start: 1, end: 3 })),
      tensor([2, 2], [1, 2, 4, 5]),
    );
    expectClose(
      runOne([x], (g, v) => g.one('pad', [v], { axis: 1, before: 1, after: 1 })),
      tensor([2, 5], [0, 0, 1, 2, 0, 0, 3, 4, 5, 0]),
    );
    expectClose(
      runOne([x, tensor([2, 1], [8, 9])], (g, v, w) => g.concat([v, w], 1)),
      tensor([2, 4], [0, 1, 2, 8, 3, 4, 5, 9]),
    );
    expectClose(
      runOne([tensor([2, 1], [1, 2])], (g, v) => g.expand(v, [2, 2, 2])),
      tensor([2, 2, 2], [1, 1, 2, 2, 1, 1, 2, 2]),
    );
  });

  it('undoes itself', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        shape,
        fc.nat(),
        fc.integer({ min: 0, max: 2 }),
        fc.nat(1000),
        (sizes, at, before, seed) => {
          const axis = at % sizes.length;
          const size = defined(sizes[axis]);
          const point = random(sizes, seed);
          const padded = runOne([point], (g, v) => {
            const wide = g.one('pad', [v], { axis, before, after: 1 });
            return g.one('slice', [wide], { axis, start: before, end: before + size });
          });
          expectClose(padded, point);
          const pieces = new Array<number>(size).fill(1);
          expectClose(
            runOne([point], (g, v) => g.concat(g.split(v, axis, pieces), axis)),
            point,
          );
          const permutation = sizes.map((_, i) => (i + axis) % sizes.length);
          const inverse = permutation.map((_, i) => permutation.indexOf(i));
          const turned = runOne([point], (g, v) =>
            g.one('transpose', [g.one('transpose', [v], { permutation })], { permutation: inverse }),
          );
          expectClose(turned, point);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('softmax cross entropy', () => {
  const labels = (g: Builder, values: number[]) => g.constant(values, [values.length], 'int64');
  const weights = (g: Builder, values: number[]) => g.constant(values, [values.length]);

  it('of equal logits is log K, whatever the label smoothing', () => {
    for (const labelSmoothing of [0, 0.1]) {
      const loss = runOne([ones([2, 5])], (g, z) =>
        g.one('softmaxCrossEntropy', [z, labels(g, [0, 4]), weights(g, [0.5, 0.5])], { labelSmoothing }),
      );
      expectClose(loss, tensor([], [Math.log(5)]));
    }
  });

  it('of two classes is log(1 + e^-margin), weighted', () => {
    const z = tensor([2, 2], [3, 1, 0.5, 1]);
    const loss = runOne([z], (g, v) =>
      g.one('softmaxCrossEntropy', [v, labels(g, [0, 0]), weights(g, [2, 0.1])], { labelSmoothing: 0 }),
    );
    const expected = 2 * Math.log1p(Math.exp(-2)) + 0.1 * Math.log1p(Math.exp(0.5));
    expectClose(loss, tensor([], [expected]));
  });

  it('mixes the mean over all classes in when it smooths', () => {
    const z = tensor([1, 2], [3, 1]);
    const loss = runOne([z], (g, v) =>
      g.one('softmaxCrossEntropy', [v, labels(g, [0]), weights(g, [1])], { labelSmoothing: 0.2 }),
    );
    // The right class at 0.9, the other one, whose loss is larger by the margin of 2, at 0.1.
    expectClose(loss, tensor([], [Math.log1p(Math.exp(-2)) + 0.1 * 2]));
  });

  it('stays finite for large logits', () => {
    const z = tensor([1, 3], [1000, 0, -1000]);
    const loss = runOne([z], (g, v) =>
      g.one('softmaxCrossEntropy', [v, labels(g, [2]), weights(g, [1])], { labelSmoothing: 0 }),
    );
    expectClose(loss, tensor([], [2000]));
  });

  it('has gradients that sum to zero for each example', () => {
    const dz = runOne([random([3, 4]), tensor([], [2])], (g, z, dloss) =>
      g.one('softmaxCrossEntropyGrad', [z, labels(g, [1, 2, 3]), weights(g, [1, 2, 3]), dloss], {
        labelSmoothing: 0.3,
      }),
    );
    const sums = runOne([dz], (g, v) => g.reduceSum(v, [1]));
    expectClose(sums, tensor([3], [0, 0, 0]));
  });

  it('counts the weights of right answers; among equal logits the first is the answer', () => {
    const z = tensor([4, 3], [0, 2, 1, 5, 5, 1, 5, 5, 1, 0, 0, 3]);
    const count = runOne([z], (g, v) =>
      g.one('correctCount', [v, labels(g, [1, 0, 1, 2]), weights(g, [1, 10, 100, 1000])], { top: 1 }),
    );
    expectClose(count, tensor([], [1011]));
  });

  it('counts labels among the largest logits; of equal ones the lower class comes first', () => {
    // Of [5, 5, 5, 9] the two largest are 3 and 0, of [0, 1, 2, 3] they are 3 and 2.
    const z = tensor([4, 4], [5, 5, 5, 9, 5, 5, 5, 9, 0, 1, 2, 3, 0, 1, 2, 3]);
    const count = runOne([z], (g, v) =>
      g.one('correctCount', [v, labels(g, [0, 1, 2, 1]), weights(g, [1, 10, 100, 1000])], { top: 2 }),
    );
    expectClose(count, tensor([], [101]));
  });

  it('counts no answer right whose logits are no numbers', () => {
    const z = tensor([1, 3], new Array(3).fill(Number.NaN));
    const count = runOne([z], (g, v) =>
      g.one('correctCount', [v, labels(g, [0]), weights(g, [1])], { top: 3 }),
    );
    expectClose(count, tensor([], [0]));
  });

  it('counts which class is taken for which, without weightless examples and labels that are no class', () => {
    const z = tensor([5, 3], [0, 2, 1, 5, 5, 1, 5, 5, 1, 0, 0, 3, 1, 0, 0]);
    const counts = runOne([z], (g, v) =>
      g.one('confusionCount', [v, labels(g, [1, 0, 1, 2, 255]), weights(g, [0.2, 0.2, 0.2, 0, 0.2])], {}),
    );
    expectClose(counts, tensor([3, 3], [1, 0, 0, 1, 1, 0, 0, 0, 0]));
  });
});

describe('composition', () => {
  it('averaging is a depthwise convolution where no window meets the border', () => {
    const x = positive([2, 3, 6, 6]);
    const kernel = tensor([3, 1, 2, 2], new Array(12).fill(0.25));
    const convolved = runOne([x, kernel], (g, a, w) => g.conv2d(a, w, { stride: 2, groups: 3 }));
    const pooled = runOne([x], (g, a) => g.averagePool2d(a, { kernel: 2, stride: 2, padding: 0 }));
    expectClose(pooled, convolved);
  });
});
