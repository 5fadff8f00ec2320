// What the self-check runs: every operation that has a blocked form, in every shape of it that networks use. Sizes are
// given in blocks, so that whole blocks, packed images and mixtures of the two occur whatever the block size is.
import type { Builder } from '../../builder.js';
import type { DType, PoolAttributes, Value } from '../../ir.js';

/** Makes an input of the graph. */
export type MakeInput = (shape: readonly number[], dtype?: DType) => Value;

export interface CheckCase {
  /** What a verdict calls it; unique. */
  readonly operation: string;
  build(g: Builder, input: MakeInput): readonly Value[];
}

const images = 4;
const extent = 6;

export function checkCases(block: number): CheckCase[] {
  const channels = [block / 2, block];
  const pairs = [
    [block / 2, block],
    [(3 * block) / 2, block / 2],
    [block, block],
    [2 * block, block],
    [block / 4, (3 * block) / 4],
  ] as const;
  return [
    ...channels.flatMap((count) => [
      ...[3, 5].flatMap((kernel) =>
        [1, 2].flatMap((stride) => [1, 2].map((dilation) => depthwise(count, { kernel, stride, dilation }))),
      ),
      ...[1, 2].flatMap((stride) => [maximum(count, stride), average(count, stride)]),
      globalAverage(count),
      norm(count),
      rectifiedNorm(count),
      elementwise(count),
      products(count),
      dotProducts(count),
      sums(count),
      gatedSums(count),
    ]),
    ...pairs.flatMap(([inputs, outputs]) => [pointwise(inputs, outputs), reduction(inputs, outputs)]),
    accumulation(block),
    stem(block, 1),
    stem(block, 3),
    concatenation(block),
  ];
}

function map(channels: number, size = extent): [number, number, number, number] {
  return [images, channels, size, size];
}

interface Depthwise {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
}

function depthwise(channels: number, { kernel, stride, dilation }: Depthwise): CheckCase {
  const pad = (dilation * (kernel - 1)) / 2;
  const geometry = {
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
    dilations: [dilation, dilation],
    groups: channels,
  } as const;
  return {
    operation: `depthwise ${kernel}x${kernel} stride ${stride} dilation ${dilation}, ${channels} channels`,
    build(g, input) {
      const [x, weight] = [input(map(channels)), input([channels, 1, kernel, kernel])];
      const dy = input(map(channels, extent / stride));
      return [
        g.one('conv2d', [x, weight], geometry),
        g.one('conv2dInputGrad', [dy, weight], { ...geometry, inputExtent: [extent, extent] }),
        g.one('conv2dWeightGrad', [x, dy], { ...geometry, kernel: [kernel, kernel] }),
      ];
    },
  };
}

const onePixel = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;

function pointwise(inputs: number, outputs: number): CheckCase {
  return {
    operation: `pointwise ${inputs} to ${outputs} channels`,
    build(g, input) {
      const [x, weight, bias] = [input(map(inputs)), input([outputs, inputs, 1, 1]), input([outputs])];
      const dy = input(map(outputs));
      return [
        g.one('conv2d', [x, weight], onePixel),
        g.one('conv2d', [x, weight, bias], onePixel),
        g.one('conv2dInputGrad', [dy, weight], { ...onePixel, inputExtent: [extent, extent] }),
        g.one('conv2dWeightGrad', [x, dy], { ...onePixel, kernel: [1, 1] }),
      ];
    },
  };
}

function reduction(inputs: number, outputs: number): CheckCase {
  return {
    operation: `factorizedReduce ${inputs} to ${outputs} channels`,
    build(g, input) {
      const weight = [outputs / 2, inputs, 1, 1];
      const [x, a, b] = [input(map(inputs)), input(weight), input(weight)];
      const dy = input(map(outputs, extent / 2));
      return [
        g.one('factorizedReduce', [x, a, b], {}),
        g.one('factorizedReduceInputGrad', [dy, a, b], {}),
        ...g.apply('factorizedReduceWeightGrad', [x, dy], {}),
      ];
    },
  };
}

function pool(stride: number): PoolAttributes {
  return { kernel: [3, 3], strides: [stride, stride], pads: [1, 1, 1, 1] };
}

/** Of the values themselves, and of their rectified form: there whole windows are zero, and the first zero wins. */
function maximum(channels: number, stride: number): CheckCase {
  return {
    operation: `maxPool2d stride ${stride}, ${channels} channels`,
    build(g, input) {
      const x = input(map(channels));
      const rectified = g.relu(g.mul(g.sub(x, g.scalar(0.75)), g.scalar(4)));
      const dy = input(map(channels, extent / stride));
      return [x, rectified].flatMap((from) => [
        g.one('maxPool2d', [from], pool(stride)),
        g.one('maxPool2dGrad', [from, dy], pool(stride)),
      ]);
    },
  };
}

function average(channels: number, stride: number): CheckCase {
  return {
    operation: `averagePool2d stride ${stride}, ${channels} channels`,
    build(g, input) {
      const dy = input(map(channels, extent / stride));
      return [
        g.one('averagePool2d', [input(map(channels))], pool(stride)),
        g.one('averagePool2dGrad', [dy], { ...pool(stride), inputExtent: [extent, extent] }),
      ];
    },
  };
}

function globalAverage(channels: number): CheckCase {
  return {
    operation: `globalAveragePool, ${channels} channels`,
    build: (g, input) => [
      g.globalAveragePool(input(map(channels))),
      g.one('globalAveragePoolGrad', [input([images, channels])], { inputExtent: [extent, extent] }),
      g.channelMean(input(map(channels))),
    ],
  };
}

/** With a scale of one number, as a supernet's code is folded in, and with a scale and a shift of its own. */
function norm(channels: number): CheckCase {
  return {
    operation: `batchNorm, ${channels} channels`,
    build(g, input) {
      const x = input(map(channels));
      const dy = input(map(channels));
      const mean = g.channelMean(dy);
      const scaled = { epsilon: 1e-5, affine: 'scale' } as const;
      const shifted = { epsilon: 1e-5, affine: 'scale-shift' } as const;
      const [one, scale, shift] = [input([1]), input([channels]), input([channels])];
      const [y, batchMean, variance, inverseStd] = g.apply('batchNorm', [x, one], scaled);
      if (y === undefined || batchMean === undefined || variance === undefined || inverseStd === undefined)
        return [];
      const saved = [dy, mean, x, batchMean, inverseStd];
      return [
        y,
        batchMean,
        variance,
        ...g.apply('batchNormGrad', [...saved, one], scaled),
        g.one('batchNorm', [x, scale, shift], shifted),
        ...g.apply('batchNormGrad', [...saved, scale], shifted),
        g.one('batchNormApply', [x, batchMean, inverseStd, scale, shift], { affine: 'scale-shift' }),
      ];
    },
  };
}

function rectifiedNorm(channels: number): CheckCase {
  return {
    operation: `batchNorm with relu, ${channels} channels`,
    build(g, input) {
      const x = input(map(channels));
      const [y, mean, , inverseStd] = g.apply('batchNorm', [x], { epsilon: 1e-5, affine: 'none' });
      if (y === undefined || mean === undefined || inverseStd === undefined) return [];
      return [g.relu(y), g.relu(g.one('batchNormApply', [x, mean, inverseStd], { affine: 'none' }))];
    },
  };
}

function elementwise(channels: number): CheckCase {
  return {
    operation: `relu and add, ${channels} channels`,
    build(g, input) {
      const [x, other] = [input(map(channels)), input(map(channels))];
      const y = g.relu(x);
      return [y, g.one('reluGrad', [other, y], {}), g.add(x, other)];
    },
  };
}

/** By one number (a code entry), and by one number for each image (the mask of drop path). */
function products(channels: number): CheckCase {
  return {
    operation: `mul, ${channels} channels`,
    build(g, input) {
      const [x, other] = [input(map(channels)), input(map(channels))];
      return [g.mul(x, input([1])), g.mul(x, input([images, 1, 1, 1])), g.mul(x, other)];
    },
  };
}

function dotProducts(channels: number): CheckCase {
  return {
    operation: `dot product, ${channels} channels`,
    build(g, input) {
      // Of a square: a sum that cancels would be all rounding.
      const x = input(map(channels));
      return [g.reduceSum(g.mul(x, x), [0, 1, 2, 3])];
    },
  };
}

function sums(channels: number): CheckCase {
  return {
    operation: `sum, ${channels} channels`,
    build: (g, input) => [g.sum([input(map(channels)), input(map(channels)), input(map(channels))])],
  };
}

/** Terms of open and of closed regions, with and without others beside them, and of closed ones alone. */
function gatedSums(channels: number): CheckCase {
  return {
    operation: `sum of gated regions, ${channels} channels`,
    build(g, input) {
      const x = input(map(channels));
      const gates = input([2], 'bool');
      const region = (gateIndex: number): Value =>
        g.region({ gates, backwardGates: gates, gateIndex }, [x], (body, [inner = x]) => body.relu(inner));
      return [g.sum([region(0), region(1), region(0)]), g.sum([region(1), x]), g.sum([region(1), region(1)])];
    },
  };
}

/** Pointwise convolutions of differently packed maps, each accumulated onto the one before, beside a dense term. */
function accumulation(block: number): CheckCase {
  return {
    operation: 'sum of pointwise convolutions',
    build(g, input) {
      const from = (inputs: number): Value =>
        g.conv2d(input(map(inputs)), input([block, inputs, 1, 1]), { bias: input([block]) });
      return [
        g.sum([from(block), from(block / 2), from(2 * block)]),
        g.sum([from(block / 2), input(map(block))]),
      ];
    },
  };
}

/** The first convolution of a network, and its weight's gradient; its input has no blocked form. */
function stem(block: number, colours: number): CheckCase {
  return {
    operation: `3x3 convolution of ${colours} channels`,
    build(g, input) {
      const dense = [8, colours, extent, extent];
      const [x, weight] = [input(dense), input([block, colours, 3, 3])];
      const geometry = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1 } as const;
      const dy = input([8, block, extent, extent]);
      return [
        g.one('conv2d', [x, weight], geometry),
        g.one('conv2dWeightGrad', [x, dy], { ...geometry, kernel: [3, 3] }),
      ];
    },
  };
}

function concatenation(block: number): CheckCase {
  return {
    operation: 'concat',
    build(g, input) {
      const joined = g.concat([g.relu(input(map(block))), input(map(2 * block))], 1);
      return [joined, g.relu(joined)];
    },
  };
}
