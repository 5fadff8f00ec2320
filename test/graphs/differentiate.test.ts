// Every derivative against central differences, and the driver's own work: accumulation, broadcasting, regions.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../graphs/builder.js';
import { differentiate } from '../../graphs/differentiate.js';
import { GenonnxError } from '../../graphs/errors.js';
import { interpret, type Tensor, tensor } from '../../graphs/interpret/interpret.js';
import { type Affine, isOp, type Value } from '../../graphs/ir.js';
import { prune } from '../../graphs/passes/prune.js';
import { checkGradients, gradientTolerance } from '../support/gradients.js';
import { interpretChecked } from '../support/run-graph.js';
import { awayFromZero, defined, distinct, expectClose, positive, random } from '../support/tensors.js';

describe('convolution', () => {
  it.each([
    { name: '3x3', image: [5, 6], channels: 2, outputs: 3, kernel: 3, padding: 1 },
    { name: '3x3 without padding', image: [5, 5], channels: 1, outputs: 2, kernel: 3, padding: 0 },
    { name: '3x3 stride 2, even', image: [6, 6], channels: 2, outputs: 2, kernel: 3, padding: 1, stride: 2 },
    { name: '3x3 stride 2, odd', image: [7, 5], channels: 2, outputs: 2, kernel: 3, padding: 1, stride: 2 },
    { name: '3x3 stride 2, row left over', image: [6, 6], channels: 1, outputs: 1, kernel: 3, stride: 2 },
    { name: '1x1', image: [3, 4], channels: 5, outputs: 4, kernel: 1 },
    { name: '1x1 stride 2', image: [5, 4], channels: 3, outputs: 2, kernel: 1, stride: 2 },
    { name: '5x5', image: [6, 5], channels: 2, outputs: 2, kernel: 5, padding: 2 },
    { name: '3x3 dilation 2', image: [6, 7], channels: 2, outputs: 2, kernel: 3, padding: 2, dilation: 2 },
    {
      name: '3x3 dilation 2, stride 2',
      image: [8, 7],
      channels: 2,
      outputs: 1,
      kernel: 3,
      padding: 2,
      dilation: 2,
      stride: 2,
    },
    {
      name: '5x5 dilation 2, stride 2',
      image: [9, 8],
      channels: 1,
      outputs: 2,
      kernel: 5,
      padding: 4,
      dilation: 2,
      stride: 2,
    },
    { name: 'depthwise 3x3', image: [5, 5], channels: 3, outputs: 3, kernel: 3, padding: 1, groups: 3 },
    {
      name: 'depthwise 5x5 stride 2',
      image: [6, 7],
      channels: 2,
      outputs: 2,
      kernel: 5,
      padding: 2,
      stride: 2,
      groups: 2,
    },
    {
      name: 'depthwise 3x3 dilation 2, stride 2',
      image: [6, 6],
      channels: 2,
      outputs: 2,
      kernel: 3,
      padding: 2,
      stride: 2,
      dilation: 2,
      groups: 2,
    },
    { name: 'two groups', image: [4, 4], channels: 4, outputs: 6, kernel: 3, padding: 1, groups: 2 },
    {
      name: 'two outputs a channel',
      image: [4, 3],
      channels: 2,
      outputs: 4,
      kernel: 3,
      padding: 1,
      groups: 2,
    },
  ])('$name', ({ image, channels, outputs, kernel, ...options }) => {
    const x = random([2, channels, ...image], 1);
    const w = random([outputs, channels / (options.groups ?? 1), kernel, kernel], 2);
    const b = random([outputs], 3);
    checkGradients([x, w, b], (g, input, weight, bias) => g.conv2d(input, weight, { ...options, bias }));
  });

  it('takes unequal strides, dilations and pads', () => {
    checkGradients([random([1, 2, 5, 7], 1), random([2, 2, 3, 2], 2)], (g, x, w) =>
      g.one('conv2d', [x, w], { strides: [1, 2], pads: [0, 1, 2, 0], dilations: [1, 3], groups: 1 }),
    );
  });

  it.each([
    [2, 4, 6, 3],
    [1, 1, 2, 2],
    [2, 2, 4, 1],
  ])('factorizedReduce of %i x %i channels, %i pixels, to twice %i', (images, channels, pixels, half) => {
    const x = random([images, channels, pixels, pixels + 2], 1);
    const a = random([half, channels, 1, 1], 2);
    const b = random([half, channels, 1, 1], 3);
    checkGradients([x, a, b], (g, ...inputs) => g.one('factorizedReduce', inputs, {}));
  });

  it.each([
    { extent: [5, 4] },
    { extent: [5, 4], stride: 1, shift: 2 },
    { extent: [7, 5], stride: 2, shift: 3 },
    { extent: [2, 3], stride: 1, shift: 2 },
  ] as const)('factorizedReduce of $extent by $stride, shifted by $shift', ({ extent, ...attributes }) => {
    const inputs = [random([2, 2, ...extent], 1), random([2, 2, 1, 1], 2), random([2, 2, 1, 1], 3)];
    checkGradients(inputs, (g, ...values) => g.one('factorizedReduce', values, attributes));
  });
});

describe('pooling', () => {
  const pools = [
    { kernel: 3, stride: 1, padding: 1, image: [5, 4] },
    { kernel: 3, stride: 2, padding: 1, image: [6, 6] },
    { kernel: 3, stride: 2, padding: 1, image: [5, 7] },
    { kernel: 2, stride: 2, padding: 0, image: [5, 4] },
    { kernel: 5, stride: 3, padding: 0, image: [8, 8] },
    { kernel: 3, stride: 1, padding: 2, dilation: 2, image: [5, 6] },
    { kernel: 3, stride: 1, padding: 4, dilation: 4, image: [6, 3] },
    { kernel: 3, stride: 2, padding: 2, dilation: 2, image: [7, 6] },
  ];

  it.each(pools)('maximum of $kernel, stride $stride, over $image', ({ image, ...pool }) => {
    checkGradients([distinct([2, 2, ...image])], (g, x) => g.maxPool2d(x, pool));
  });

  it.each(pools)('average of $kernel, stride $stride, over $image', ({ image, ...pool }) => {
    checkGradients([random([2, 2, ...image])], (g, x) => g.averagePool2d(x, pool));
  });

  it.each(['align-corners', 'half-pixel'] as const)('bilinear interpolation, %s', (alignment) => {
    for (const extent of [
      [5, 7],
      [2, 1],
    ] as const)
      checkGradients([random([2, 2, 3, 4])], (g, x) => g.resize(x, extent, alignment));
  });

  it('global average', () => {
    checkGradients([random([2, 3, 4, 5])], (g, x) => g.globalAveragePool(x));
  });

  it('gives the gradient of a constant window to its first element in row-major order', () => {
    const g = new Builder();
    const x = g.input('x', [1, 1, 4, 4]);
    const y = g.maxPool2d(x, { kernel: 3, stride: 1, padding: 1 });
    const [dx] = differentiate(g, g.reduceSum(y, [0, 1, 2, 3]), [x]);
    const results = interpret(g.build([{ name: 'dx', value: defined(dx) }]), {
      x: tensor([1, 1, 4, 4], new Array<number>(16).fill(0.5)),
    });
    // Windows at rows 0 and 1 begin in row 0, the window at row p in row p - 1; columns likewise.
    const share = [2, 1, 1, 0];
    const expected = share.flatMap((row) => share.map((column) => row * column));
    expectClose(results.dx, tensor([1, 1, 4, 4], expected));
  });

  it('gives a tie within one window to the first, and each window decides for itself', () => {
    const g = new Builder();
    const x = g.input('x', [1, 1, 2, 4]);
    const y = g.maxPool2d(x, { kernel: 2, stride: 2, padding: 0 });
    const [dx] = differentiate(g, g.reduceSum(y, [0, 1, 2, 3]), [x]);
    const results = interpret(g.build([{ name: 'dx', value: defined(dx) }]), {
      x: tensor([1, 1, 2, 4], [0, 7, 1, 2, 7, 7, 3, 3]),
    });
    expectClose(results.dx, tensor([1, 1, 2, 4], [0, 1, 0, 0, 0, 0, 1, 0]));
  });
});

describe('batch norm', () => {
  const affines: { affine: Affine; shapes: number[][] }[] = [
    { affine: 'none', shapes: [] },
    { affine: 'scale', shapes: [[3]] },
    { affine: 'scale', shapes: [[1]] },
    { affine: 'scale-shift', shapes: [[3], [3]] },
    { affine: 'scale-shift', shapes: [[1], [3]] },
    { affine: 'scale-shift', shapes: [[1], [1]] },
  ];
  it.each(affines)('$affine of $shapes', ({ affine, shapes }) => {
    const parts = shapes.map((shape, i) => random(shape, 5 + i));
    checkGradients([random([2, 3, 3, 4], 1), ...parts], (g, ...inputs) =>
      g.one('batchNorm', inputs, { epsilon: 1e-5, affine }),
    );
  });

  it.each(affines)('with running statistics, $affine of $shapes', ({ affine, shapes }) => {
    const parts = shapes.map((shape, i) => random(shape, 5 + i));
    const [mean, variance] = [random([3], 8).data, positive([3], 9).data];
    checkGradients([random([2, 3, 3, 4], 1), ...parts], (g, x, ...scales) => {
      const statistics = [g.constant(mean, [3]), g.constant(variance, [3])];
      return g.one('batchNormInference', [defined(x), ...statistics, ...scales], { epsilon: 1e-3, affine });
    });
  });

  it('refuses the derivative of running statistics', () => {
    const g = new Builder();
    const [x, mean, variance] = [g.input('x', [2, 1, 2, 2]), g.input('mean', [1]), g.input('variance', [1])];
    const y = g.one('batchNormInference', [x, mean, variance], { epsilon: 1e-5, affine: 'none' });
    const loss = g.reduceSum(y, [0, 1, 2, 3]);
    expect(differentiate(g, loss, [x])).toHaveLength(1);
    for (const statistic of [mean, variance])
      expect(() => differentiate(g, loss, [statistic])).toThrow(GenonnxError);
  });

  it('with an epsilon that counts', () => {
    checkGradients([random([3, 1, 2, 2], 1), random([1], 2)], (g, ...inputs) =>
      g.one('batchNorm', inputs, { epsilon: 0.5, affine: 'scale' }),
    );
  });

  it('refuses a loss that depends on the statistics, which have no derivative', () => {
    const g = new Builder();
    const x = g.input('x', [2, 1, 2, 2]);
    const [, mean] = g.apply('batchNorm', [x], { epsilon: 1e-5, affine: 'none' });
    const loss = g.reduceSum(defined(mean), [0]);
    expect(() => differentiate(g, loss, [x])).toThrow(/statistics/);
  });
});

describe('elementwise', () => {
  it('relu, with gradient 0 at 0', () => {
    checkGradients([awayFromZero([3, 4])], (g, x) => g.relu(x));
    const g = new Builder();
    const x = g.input('x', [3]);
    const [dx] = differentiate(g, g.reduceSum(g.relu(x), [0]), [x]);
    const graph = g.build([{ name: 'dx', value: defined(dx) }]);
    expectClose(interpret(graph, { x: tensor([3], [-1, 0, 1]) }).dx, tensor([3], [0, 0, 1]));
  });

  it('neg, sqrt and reciprocal', () => {
    checkGradients([random([2, 3])], (g, x) => g.neg(x));
    checkGradients([positive([2, 3])], (g, x) => g.sqrt(x));
    checkGradients([awayFromZero([2, 3])], (g, x) => g.one('reciprocal', [x], {}));
    checkGradients([random([2, 3])], (g, x) => g.sigmoid(x));
    checkGradients([random([2, 3])], (g, x) => g.tanh(x));
  });

  const broadcasts: [number[], number[]][] = [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [[3], [2, 3]],
    [[2, 3], []],
    [[], [2, 3]],
    [
      [2, 1, 3],
      [4, 1],
    ],
    [
      [2, 3, 2, 2],
      [1, 3, 1, 1],
    ],
    [[1, 3], [3]],
    [[1], [1, 1]],
    [
      [1, 3],
      [2, 1],
    ],
  ];
  it.each(broadcasts)('add, sub, mul and div of %j and %j', (a, b) => {
    const points = [random(a, 1), awayFromZero(b, 2)];
    checkGradients(points, (g, x, y) => g.add(x, y));
    checkGradients(points, (g, x, y) => g.sub(x, y));
    checkGradients(points, (g, x, y) => g.mul(x, y));
    checkGradients(points, (g, x, y) => g.div(x, y));
  });

  it('sum of one, two and three terms', () => {
    const terms = [random([2, 2], 1), random([2, 2], 2), random([2, 2], 3)];
    for (const count of [1, 2, 3])
      checkGradients(terms.slice(0, count), (g, ...values) => g.one('sum', values, {}));
  });
});

describe('matrix product and reduction', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('matMul, transposed: %s and %s', (transposeA, transposeB) => {
    const a = random(transposeA ? [4, 2] : [2, 4], 1);
    const b = random(transposeB ? [3, 4] : [4, 3], 2);
    checkGradients([a, b], (g, x, y) => g.matMul(x, y, transposeA, transposeB));
  });

  it.each([[[0]], [[1]], [[0, 2]], [[0, 1, 2]], [[]]])('reduceSum over %j', (axes) => {
    const x = random([2, 3, 4]);
    checkGradients([x], (g, value) => g.reduceSum(value, axes));
    checkGradients([x], (g, value) => g.reduceSum(value, axes, true));
  });
});

describe('layout', () => {
  const x = random([2, 4, 3]);
  it('reshape, transpose and expand', () => {
    checkGradients([x], (g, value) => g.reshape(value, [4, 6]));
    checkGradients([x], (g, value) => g.one('transpose', [value], { permutation: [2, 0, 1] }));
    checkGradients([random([2, 1, 3])], (g, value) => g.expand(value, [2, 4, 3]));
    checkGradients([random([3])], (g, value) => g.expand(value, [2, 4, 3]));
    checkGradients([random([])], (g, value) => g.expand(value, [2, 2]));
  });

  it.each([0, 1, 2])('slice, pad, concat and split along axis %i', (axis) => {
    const size = defined(x.shape[axis]);
    checkGradients([x], (g, value) => g.one('slice', [value], { axis, start: 1, end: size }));
    checkGradients([x], (g, value) => g.one('pad', [value], { axis, before: 1, after: 2 }));
    const longer = random(
      x.shape.map((extent, i) => (i === axis ? extent + 1 : extent)),
      2,
    );
    checkGradients([x, longer], (g, a, b) => g.concat([a, b], axis));
    checkGradients([longer], (g, value) => {
      const [first, second, third] = g.split(value, axis, [1, size - 1, 1]);
      // The second piece is not read: nothing flows back into it.
      expect(second).toBeDefined();
      return g.mul(defined(first), defined(third));
    });
  });

  it('concat of a value with itself', () => {
    checkGradients([x], (g, value) => g.concat([value, value, g.relu(value)], 1));
  });
});

describe('softmax cross entropy', () => {
  it.each([0, 0.1, 1])('with label smoothing %f', (labelSmoothing) => {
    checkGradients([random([4, 3], 1)], (g, logits) => {
      const labels = g.constant([2, 0, 1, 2], [4], 'int64');
      const weights = g.constant([0.25, 0.5, 1, 0.1], [4]);
      return g.one('softmaxCrossEntropy', [logits, labels, weights], { labelSmoothing });
    });
  });

  it.each([0, 0.1])('of the pixels of maps, with label smoothing %f', (labelSmoothing) => {
    checkGradients([random([2, 3, 2, 2], 1)], (g, logits) => {
      const labels = g.constant([2, 0, 1, 2, 255, 1, 0, 0], [2, 2, 2], 'int64');
      const weights = g.constant([0.25, 0.5, 1, 0.1, 0, 2, 1, 1], [2, 2, 2]);
      return g.one('softmaxCrossEntropy', [logits, labels, weights], { labelSmoothing });
    });
  });

  it('refuses the derivative of its weights', () => {
    const g = new Builder();
    const logits = g.input('logits', [2, 3]);
    const weights = g.input('weights', [2]);
    const labels = g.input('labels', [2], 'int64');
    const loss = g.one('softmaxCrossEntropy', [logits, labels, weights], { labelSmoothing: 0 });
    expect(() => differentiate(g, loss, [weights])).toThrow(/weights of a cross entropy/);
  });

  it('gives examples of weight 0 no gradient, and scales with the cotangent', () => {
    const { inputs } = checkGradients([random([3, 4], 1)], (g, logits) => {
      const labels = g.constant([0, 3, 1], [3], 'int64');
      const weights = g.constant([0.5, 0, 0.5], [3]);
      const loss = g.one('softmaxCrossEntropy', [logits, labels, weights], { labelSmoothing: 0.2 });
      return g.mul(loss, g.scalar(-3));
    });
    expect([...defined(inputs[0]).data.subarray(4, 8)].every((element) => element === 0)).toBe(true);
  });
});

describe('the driver', () => {
  it('accumulates over several uses', () => {
    checkGradients([random([2, 3])], (g, x) => g.add(g.mul(x, x), g.sum([x, g.neg(x), x, x])));
    checkGradients([awayFromZero([1, 2, 4, 4], 1), random([2, 2, 3, 3], 2)], (g, x, w) => {
      const once = g.conv2d(x, w, { padding: 1 });
      return g.add(g.conv2d(once, w, { padding: 1 }), g.mul(once, g.reduceSum(w, [0, 1, 2, 3])));
    });
  });

  it('gives zeros where the loss does not depend on a value', () => {
    const g = new Builder();
    const x = g.input('x', [2, 3]);
    const unused = g.input('unused', [4]);
    const behind = g.relu(unused);
    const loss = g.reduceSum(x, [0, 1]);
    const gradients = differentiate(g, loss, [x, unused, behind]);
    const outputs = gradients.map((value, i) => ({ name: String(i), value }));
    const results = interpret(g.build(outputs), { x: random([2, 3]), unused: random([4]) });
    expectClose(results[0], tensor([2, 3], [1, 1, 1, 1, 1, 1]));
    expectClose(results[1], tensor([4], [0, 0, 0, 0]));
    expectClose(results[2], tensor([4], [0, 0, 0, 0]));
  });

  it('differentiates with respect to intermediate values and to the loss itself', () => {
    const g = new Builder();
    const x = g.input('x', [2]);
    const y = g.mul(x, x);
    const loss = g.reduceSum(g.mul(y, y), [0]);
    const [dy, dloss] = differentiate(g, loss, [y, loss]);
    const outputs = [
      { name: 'dy', value: defined(dy) },
      { name: 'dloss', value: defined(dloss) },
    ];
    const results = interpret(g.build(outputs), { x: tensor([2], [3, -2]) });
    expectClose(results.dy, tensor([2], [18, 8]));
    expectClose(results.dloss, tensor([], [1]));
  });

  it('builds nothing for what nobody asks', () => {
    const g = new Builder();
    const x = g.input('x', [1, 1, 4, 4]);
    const w = g.input('w', [1, 1, 3, 3]);
    differentiate(g, g.reduceSum(g.conv2d(x, w), [0, 1, 2, 3]), [w]);
    const operations = g.nodes.map(({ op }) => op);
    expect(operations).toContain('conv2dWeightGrad');
    expect(operations).not.toContain('conv2dInputGrad');
  });

  it('refuses what is no scalar, and what has no derivative', () => {
    const g = new Builder();
    const x = g.input('x', [2]);
    expect(() => differentiate(g, x, [x])).toThrow(GenonnxError);
    const loss = g.reduceSum(g.one('minimum', [x, g.scalar(1)], {}), [0]);
    expect(() => differentiate(g, loss, [x])).toThrow(/minimum has no derivative/);
  });
});

describe('regions', () => {
  /** A candidate operation as a supernet has it: parameters, statistics, a save, and a code entry that scales it. */
  function candidate(g: Builder, x: Value, code: Value, gateIndex: number, gates: Gates): Value {
    return g.region({ ...gates, gateIndex }, [x, code], (body, [inner, scale]) => {
      const input = defined(inner);
      const weight = body.parameter(`${gateIndex}.weight`, [3, 3, 3, 3], { kind: 'uniform', bound: 1 });
      const y = body.conv2d(body.relu(input), weight, { padding: 1 });
      const norm = body.apply('batchNorm', [y, defined(scale)], { epsilon: 1e-5, affine: 'scale' });
      const mean = body.statistic(`${gateIndex}.running_mean`, [3], { kind: 'constant', value: 0 });
      body.updateStatistic(mean, defined(norm[1]));
      return body.mul(defined(norm[0]), input);
    });
  }
  interface Gates {
    readonly gates: Value;
    readonly backwardGates: Value;
  }
  const x = awayFromZero([2, 3, 4, 4], 1);
  const code = random([1], 2);

  it('open: inputs, code and parameters', () => {
    const { parameters } = checkGradients([x, code], (g, input, entry) => {
      const gates = g.constant([0, 1], [2], 'bool');
      return candidate(g, input, entry, 1, { gates, backwardGates: gates });
    });
    expect(parameters.data.some((element) => element !== 0)).toBe(true);
  });

  it('closed: zero, and zero gradients', () => {
    const { parameters, inputs } = checkGradients([x, code], (g, input, entry) => {
      const gates = g.constant([0, 1], [2], 'bool');
      return candidate(g, input, entry, 0, { gates, backwardGates: gates });
    });
    expect([...parameters.data, ...inputs.flatMap(({ data }) => [...data])].every((v) => v === 0)).toBe(true);
  });

  it('open beside closed: the sum of the open terms', () => {
    checkGradients([x, code, random([1], 3)], (g, input, first, second) => {
      const gates = g.constant([1, 0, 1], [3], 'bool');
      const pair = { gates, backwardGates: gates };
      const terms = [first, second, first].map((entry, i) => candidate(g, input, entry, i, pair));
      return g.relu(g.sum([...terms, input]));
    });
  });

  it('forward open, backward closed: runs, and gives no gradients', () => {
    const { parameters, inputs } = checkGradients(
      [x, code],
      (g, input, entry) => {
        const gates = g.constant([1], [1], 'bool');
        const y = candidate(g, input, entry, 0, { gates, backwardGates: g.constant([0], [1], 'bool') });
        return g.add(y, input);
      },
      { only: [], parameters: false },
    );
    expect(parameters.data.every((element) => element === 0)).toBe(true);
    // Only what goes past the region.
    const past = checkGradients([x], (_, input) => input);
    expectClose(inputs[0], defined(past.inputs[0]));
    expectClose(inputs[1], tensor([1], [0]));
  });

  it('stops gradients at captures that are not differentiable, and at the parameters', () => {
    const { parameters, inputs } = checkGradients(
      [x, code],
      (g, input, entry) => {
        const gates = g.constant([1], [1], 'bool');
        return g.region(
          { gates, backwardGates: gates, gateIndex: 0, differentiable: [entry] },
          [input, entry],
          (body, [inner, scale]) => {
            const weight = body.parameter('weight', [3, 3, 1, 1], { kind: 'uniform', bound: 1 });
            return body.mul(body.conv2d(defined(inner), weight), defined(scale));
          },
        );
      },
      { only: [1], parameters: false },
    );
    expect(parameters.data.every((element) => element === 0)).toBe(true);
    expect(defined(inputs[0]).data.every((element) => element === 0)).toBe(true);
  });

  it('never flow into running statistics, even where the result depends on them', () => {
    const g = new Builder();
    const input = g.input('x', [3]);
    const gates = g.constant([1], [1], 'bool');
    const y = g.region({ gates, backwardGates: gates, gateIndex: 0 }, [input], (body, [inner]) => {
      const mean = body.statistic('mean', [3], { kind: 'constant', value: 0 });
      return body.mul(body.sub(defined(inner), mean), mean);
    });
    const statistics = g.flatten('statistics', 'statistics');
    const gradients = differentiate(g, g.reduceSum(y, [0]), [input, statistics]);
    const outputs = gradients.map((value, i) => ({ name: String(i), value }));
    const point = random([3], 2);
    const results = interpretChecked(g.build(outputs), { x: random([3]), statistics: point });
    expectClose(results[0], point);
    expectClose(results[1], tensor([3], [0, 0, 0]));
  });

  it('builds no backward region where every path stops', () => {
    const g = new Builder();
    const input = g.input('x', [2, 2]);
    const gates = g.constant([1], [1], 'bool');
    const options = { gates, backwardGates: gates, gateIndex: 0, differentiable: [] };
    const y = g.region(options, [input], (body, [inner]) => body.relu(defined(inner)));
    differentiate(g, g.reduceSum(y, [0, 1]), [input]);
    expect(g.nodes.filter((node) => isOp(node, 'region'))).toHaveLength(1);
  });

  it('takes a capture that is its result, one captured twice, and one that is not used', () => {
    const gated = (g: Builder): Gates => {
      const gates = g.constant([1], [1], 'bool');
      return { gates, backwardGates: gates };
    };
    const point = random([2, 3]);
    checkGradients([point], (g, input) =>
      g.region({ ...gated(g), gateIndex: 0 }, [input], (_, [inner]) => defined(inner)),
    );
    checkGradients([point], (g, input) =>
      g.region({ ...gated(g), gateIndex: 0 }, [input, input], (body, [a, b]) =>
        body.mul(defined(a), defined(b)),
      ),
    );
    checkGradients([point, random([4])], (g, input, idle) =>
      g.region({ ...gated(g), gateIndex: 0 }, [idle, input], (body, [, inner]) =>
        body.sqrt(body.add(body.mul(defined(inner), defined(inner)), body.scalar(1))),
      ),
    );
  });

  it('gathers the gradients of a value that is two of its results', () => {
    checkGradients([random([2, 3])], (g, input) => {
      const gates = g.constant([1], [1], 'bool');
      const body = new Builder();
      const value = body.neg(body.input('x', [2, 3]));
      const outputs = ['first', 'second'].map((name) => ({ name, value }));
      const [first, second] = g.apply('region', [gates, gates, input], {
        gateIndex: 0,
        stopped: [false],
        body: body.build(outputs),
      });
      return g.sub(defined(first), g.mul(defined(second), g.scalar(3)));
    });
  });

  it('in a chain, each with its own gate', () => {
    checkGradients([x, code], (g, input, entry) => {
      const gates = g.constant([1, 0, 1], [3], 'bool');
      const pair = { gates, backwardGates: gates };
      const first = g.sum([candidate(g, input, entry, 0, pair), candidate(g, input, entry, 1, pair)]);
      return candidate(g, g.mul(first, g.scalar(0.5)), entry, 2, pair);
    });
  });

  it('within a region', () => {
    checkGradients([random([2, 3], 1), random([2, 3], 2)], (g, a, b) => {
      const gates = g.constant([1], [1], 'bool');
      const pair = { gates, backwardGates: gates };
      return g.region({ ...pair, gateIndex: 0 }, [a, b, gates], (body, [x1, x2, inner]) => {
        const nested = { gates: defined(inner), backwardGates: defined(inner), gateIndex: 0 };
        const y = body.region(nested, [defined(x1), defined(x2)], (deep, [u, v]) => {
          const product = deep.mul(defined(u), defined(v));
          return deep.mul(product, product);
        });
        return body.mul(y, defined(x1));
      });
    });
  });

  it('within a region run forward once: what their derivative needs is handed out through both', () => {
    const g = new Builder();
    const input = g.input('x', [2, 3]);
    const gates = g.constant([1], [1], 'bool');
    const y = g.region({ gates, backwardGates: gates, gateIndex: 0 }, [input, gates], (body, [x1, open]) => {
      const nested = { gates: defined(open), backwardGates: defined(open), gateIndex: 0 };
      return body.region(nested, [defined(x1)], (deep, [z]) => deep.relu(deep.sqrt(defined(z))));
    });
    const [gradient] = differentiate(g, g.reduceSum(y, [0, 1]), [input]);
    const graph = prune(g.build([{ name: 'gradient', value: defined(gradient) }]));
    const ran: string[] = [];
    interpret(graph, { x: positive([2, 3]) }, { onNode: ({ op }) => ran.push(op) });
    expect(ran.filter((op) => op === 'sqrt')).toHaveLength(1);
    expect(ran.filter((op) => op === 'relu')).toHaveLength(1);
  });

  it('is the same twice: two calls on one graph agree', () => {
    const g = new Builder();
    const input = g.input('x', [2, 3, 4, 4]);
    const entry = g.input('code', [1]);
    const gates = g.constant([1], [1], 'bool');
    const y = candidate(g, input, entry, 0, { gates, backwardGates: gates });
    const loss = g.reduceSum(g.mul(y, y), [0, 1, 2, 3]);
    const theta = g.flatten('parameters', 'theta');
    const statistics = g.flatten('statistics', 'statistics');
    const both = differentiate(g, loss, [theta, entry]);
    const again = [...differentiate(g, loss, [theta]), ...differentiate(g, loss, [entry])];
    const outputs = [...both, ...again].map((value, i) => ({ name: String(i), value }));
    const feeds = new Map<Value, Tensor>([
      [input, x],
      [entry, code],
      [theta, random([81], 4)],
      [statistics, random([3], 5)],
    ]);
    const results = interpretChecked(g.build(outputs), feeds);
    expectClose(results[2], defined(results[0]), gradientTolerance);
    expectClose(results[3], defined(results[1]), gradientTolerance);
  });
});

describe('rows by their indices', () => {
  it('adds up what a row is used for', () => {
    checkGradients([random([4, 3])], (g, table) =>
      g.gather(table, g.constant([2, 0, 2, 3, 2], [5], 'int64')),
    );
  });
});

describe('the cross entropy of a linear layer', () => {
  const points = [random([5, 3], 1), random([4, 3], 2), random([4], 3)];
  const traced =
    (scale: number) =>
    (g: Builder, ...values: Value[]): Value => {
      const labels = g.constant([3, 0, 2, 2, 1], [5], 'int64');
      const weights = g.constant([0.25, 0.5, 0, 1, 0.25], [5]);
      const [loss] = g.apply('linearCrossEntropy', [...values, labels, weights], { pieces: 2 });
      return g.mul(defined(loss), g.scalar(scale));
    };

  it.each([1, 3])('has the derivatives of the layer and of its inputs, times %d', (scale) => {
    checkGradients(points, traced(scale));
  });

  it('is that of its logits', () => {
    const g = new Builder();
    const [x, weight, bias] = points.map(({ shape, data }) => g.constant(data, shape));
    const logits = g.add(g.matMul(defined(x), defined(weight), false, true), defined(bias));
    const labels = g.constant([3, 0, 2, 2, 1], [5], 'int64');
    const weights = g.constant([0.25, 0.5, 0, 1, 0.25], [5]);
    const parts = g.one('softmaxCrossEntropy', [logits, labels, weights], { labelSmoothing: 0 });
    const whole = traced(1)(g, defined(x), defined(weight), defined(bias));
    const results = interpret(
      g.build([
        { name: 'parts', value: parts },
        { name: 'whole', value: whole },
      ]),
      {},
    );
    expectClose(results.whole, defined(results.parts), { absolute: 1e-12, relative: 1e-12 }, 'loss');
  });

  it('refuses the derivative of its gradients', () => {
    const g = new Builder();
    const values = points.map(({ shape }, i) => g.input(`input${i}`, shape));
    const labels = g.constant([3, 0, 2, 2, 1], [5], 'int64');
    const weights = g.constant([0.25, 0.5, 0, 1, 0.25], [5]);
    const [, dx] = g.apply('linearCrossEntropy', [...values, labels, weights], { pieces: 2 });
    const loss = g.reduceSum(defined(dx), [0, 1]);
    expect(() => differentiate(g, loss, [defined(values[0])])).toThrow('Only the loss');
  });
});
