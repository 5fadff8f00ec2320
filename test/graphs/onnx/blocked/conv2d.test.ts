// Convolutions and their gradients in both layouts against the interpreter: depthwise and pointwise ones, which have a
// blocked form, at every kind of packing; and the ones that must fall back.
import { describe, expect, it } from 'vitest';
import type { Builder } from '../../../../graphs/builder.js';
import type { ConvolutionAttributes, Value } from '../../../../graphs/ir.js';
import { windowOutput } from '../../../../graphs/shapes.js';
import { type Case, type Feed, itAgrees, operatorsOf } from './agreement.js';

type Shape4 = readonly [number, number, number, number];

interface Geometry {
  readonly outputs: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly padding?: number;
  readonly groups?: number;
  readonly bias?: boolean;
}

/** The convolution, its input's gradient and its weight's. */
function convolution(x: Shape4, geometry: Geometry): Case {
  const { outputs, kernel, stride = 1, dilation = 1, groups = 1, bias = false } = geometry;
  const { padding = (dilation * (kernel - 1)) / 2 } = geometry;
  const attributes: ConvolutionAttributes = {
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    dilations: [dilation, dilation],
    groups,
  };
  const [images, channels, height, width] = x;
  const suffix = `${stride === 1 ? '' : ` stride ${stride}`}${dilation === 1 ? '' : ` dilation ${dilation}`}`;
  return {
    name: `[${x.join()}] -> ${outputs}, ${kernel}x${kernel}${suffix}, ${groups} groups${bias ? ', bias' : ''}`,
    build(g: Builder, feed: Feed): readonly Value[] {
      const input = feed(x);
      const weight = feed([outputs, channels / groups, kernel, kernel]);
      const dy = feed([images, outputs, ...windowOutput(x, [kernel, kernel], attributes, 'test')]);
      const inputs = bias ? [input, weight, feed([outputs])] : [input, weight];
      return [
        g.one('conv2d', inputs, attributes),
        g.one('conv2dInputGrad', [dy, weight], { ...attributes, inputExtent: [height, width] }),
        g.one('conv2dWeightGrad', [input, dy], { ...attributes, kernel: [kernel, kernel] }),
      ];
    },
  };
}

const depthwiseGeometries = [3, 5].flatMap((kernel) =>
  [1, 2].flatMap((stride) => [1, 2].map((dilation) => ({ kernel, stride, dilation }))),
);

function depthwise(shapes: readonly Shape4[]): Case[] {
  return shapes.flatMap((x) =>
    depthwiseGeometries.map((geometry) => convolution(x, { ...geometry, outputs: x[1], groups: x[1] })),
  );
}

describe('depthwise convolutions', () => {
  describe('of whole blocks', () => {
    itAgrees(
      depthwise([
        [2, 16, 8, 8],
        [1, 16, 7, 7],
        [2, 32, 7, 9],
        [2, 32, 14, 6],
        [3, 16, 4, 4],
        // So many that weights are transposed.
        [2, 128, 6, 6],
      ]),
    );
  });
  describe('of packed images', () => {
    itAgrees(
      depthwise([
        [4, 4, 8, 8],
        [8, 4, 7, 7],
        [2, 8, 14, 14],
        [4, 8, 9, 9],
        [4, 12, 8, 8],
        [2, 24, 8, 8],
        [4, 36, 6, 8],
        [4, 20, 8, 6],
      ]),
    );
  });
  describe('of batches that the packing does not divide', () => {
    itAgrees(
      depthwise([
        [2, 4, 8, 8],
        [3, 8, 7, 7],
        [6, 12, 8, 8],
        [2, 36, 6, 6],
        [1, 24, 8, 8],
      ]),
    );
  });
  describe('of other kernels', () => {
    itAgrees([
      convolution([2, 16, 8, 8], { outputs: 16, kernel: 7, groups: 16 }),
      convolution([4, 8, 8, 8], { outputs: 8, kernel: 7, groups: 8, stride: 2 }),
      convolution([2, 16, 12, 12], { outputs: 16, kernel: 3, groups: 16, dilation: 3 }),
      convolution([2, 16, 12, 12], { outputs: 16, kernel: 3, groups: 16, dilation: 3, stride: 2 }),
      convolution([2, 16, 8, 8], { outputs: 16, kernel: 3, groups: 16, padding: 0 }),
      convolution([2, 16, 8, 8], { outputs: 16, kernel: 2, groups: 16, padding: 0, stride: 2 }),
      convolution([2, 16, 9, 9], { outputs: 16, kernel: 3, groups: 16, stride: 3 }),
      convolution([2, 16, 8, 8], { outputs: 16, kernel: 1, groups: 16 }),
      convolution([4, 8, 8, 8], { outputs: 8, kernel: 1, groups: 8, stride: 2 }),
      convolution([2, 16, 8, 8], { outputs: 16, kernel: 3, groups: 16, bias: true }),
    ]);
  });
});

describe('pointwise convolutions', () => {
  const channels = [
    [8, 16],
    [24, 8],
    [16, 16],
    [32, 16],
    [16, 32],
    [4, 12],
    [12, 24],
    [36, 4],
    [16, 36],
    [36, 36],
    [20, 36],
    [8, 20],
    [20, 16],
    [24, 24],
    [8, 8],
    [32, 4],
    // So many that weights are transposed.
    [48, 64],
  ] as const;
  describe('with and without bias, at packings that divide the batch', () => {
    itAgrees(
      channels.flatMap(([inputs, outputs], i) => [
        convolution([4, inputs, 7, 7], { outputs, kernel: 1, bias: i % 2 === 0 }),
        convolution([8, inputs, 4, 6], { outputs, kernel: 1, bias: i % 2 === 1 }),
      ]),
    );
  });
  describe('with batches that one packing or both do not divide', () => {
    itAgrees(
      channels.flatMap(([inputs, outputs]) => [
        convolution([2, inputs, 5, 5], { outputs, kernel: 1 }),
        convolution([3, inputs, 4, 4], { outputs, kernel: 1, bias: true }),
        convolution([1, inputs, 3, 3], { outputs, kernel: 1 }),
      ]),
    );
  });
  describe('of stride 2', () => {
    itAgrees([
      convolution([4, 16, 8, 8], { outputs: 16, kernel: 1, stride: 2 }),
      convolution([4, 8, 7, 7], { outputs: 16, kernel: 1, stride: 2 }),
    ]);
  });
});

describe('dense and grouped convolutions', () => {
  itAgrees([
    convolution([8, 1, 8, 8], { outputs: 16, kernel: 3 }),
    convolution([8, 1, 7, 9], { outputs: 24, kernel: 3 }),
    convolution([4, 3, 8, 8], { outputs: 12, kernel: 3 }),
    convolution([4, 3, 8, 8], { outputs: 16, kernel: 3, stride: 2 }),
    convolution([2, 4, 6, 6], { outputs: 16, kernel: 5 }),
    convolution([4, 4, 6, 6], { outputs: 16, kernel: 3 }),
    convolution([2, 16, 6, 6], { outputs: 16, kernel: 3 }),
    convolution([2, 16, 4, 4], { outputs: 32, kernel: 2, padding: 0 }),
    convolution([2, 32, 6, 6], { outputs: 32, kernel: 3, groups: 2 }),
    convolution([2, 16, 6, 6], { outputs: 32, kernel: 3, groups: 16 }),
    convolution([4, 8, 8, 8], { outputs: 16, kernel: 3, groups: 8, stride: 2 }),
    convolution([2, 16, 6, 6], { outputs: 32, kernel: 1, groups: 16 }),
  ]);
});

describe('the blocked form', () => {
  const blocked = { kind: 'blocked', block: 16 } as const;
  const usesBlocks = (oneCase: Case, block: number): number =>
    operatorsOf(oneCase, { kind: 'blocked', block }).filter((name) => name === 'com.microsoft.nchwc:Conv')
      .length;

  it.each([
    convolution([2, 16, 8, 8], { outputs: 16, kernel: 3, groups: 16 }),
    convolution([2, 16, 8, 8], { outputs: 16, kernel: 5, groups: 16, stride: 2, dilation: 2 }),
    convolution([4, 4, 7, 7], { outputs: 4, kernel: 3, groups: 4 }),
    convolution([4, 24, 7, 7], { outputs: 36, kernel: 1 }),
  ])('is taken for $name', (oneCase) => {
    expect(usesBlocks(oneCase, blocked.block)).toBeGreaterThanOrEqual(2);
    expect(operatorsOf(oneCase, blocked)).not.toContain('Conv');
    expect(operatorsOf(oneCase, blocked)).not.toContain('ConvTranspose');
  });

  // One input channel makes a dense convolution look depthwise. Blocks of 8 pack 8 such images.
  it.each([8, 16])('is not taken for a convolution of one channel to many (blocks of %i)', (block) => {
    expect(usesBlocks(convolution([32, 1, 8, 8], { outputs: 24, kernel: 3 }), block)).toBe(0);
  });
});
