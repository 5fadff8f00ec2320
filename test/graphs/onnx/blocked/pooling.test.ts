// Pooling and its gradients in both layouts against the interpreter: borders, overlapping windows, and above all ties,
// where the first maximum in row-major order gets the gradient.
import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../../graphs/differentiate.js';
import { type Tensor, tensor } from '../../../../graphs/interpret/interpret.js';
import type { PoolAttributes } from '../../../../graphs/ir.js';
import { elementCount, windowOutput } from '../../../../graphs/shapes.js';
import { distinct, random } from '../../../support/tensors.js';
import { type Case, itAgrees, operatorsOf } from './agreement.js';

type Shape4 = readonly [number, number, number, number];

function pool(kernel: number, stride: number, padding: number): PoolAttributes {
  return { kernel: [kernel, kernel], strides: [stride, stride], pads: [padding, padding, padding, padding] };
}

function describePool({ kernel, strides, pads }: PoolAttributes): string {
  return `${kernel[0]}x${kernel[1]} stride ${strides[0]} padding ${pads[0]}`;
}

function maximum(x: Tensor, what: string, attributes: PoolAttributes): Case {
  return {
    name: `maximum of [${x.shape.join()}], ${what}, ${describePool(attributes)}`,
    build(g, feed) {
      const input = feed(x);
      const dy = feed([
        ...x.shape.slice(0, 2),
        ...windowOutput(x.shape, attributes.kernel, attributes, 'test'),
      ]);
      return [g.one('maxPool2d', [input], attributes), g.one('maxPool2dGrad', [input, dy], attributes)];
    },
  };
}

function average(x: Shape4, attributes: PoolAttributes): Case {
  const [images, channels, height, width] = x;
  return {
    name: `average of [${x.join()}], ${describePool(attributes)}`,
    build(g, feed) {
      const dy = feed([images, channels, ...windowOutput(x, attributes.kernel, attributes, 'test')]);
      return [
        g.one('averagePool2d', [feed(x)], attributes),
        g.one('averagePool2dGrad', [dy], { ...attributes, inputExtent: [height, width] }),
      ];
    },
  };
}

function globalAverage(x: Shape4): Case {
  const [images, channels, height, width] = x;
  return {
    name: `global average of [${x.join()}]`,
    build: (g, feed) => [
      g.globalAveragePool(feed(x)),
      g.one('globalAveragePoolGrad', [feed([images, channels])], { inputExtent: [height, width] }),
    ],
  };
}

const shapes: readonly Shape4[] = [
  [2, 16, 8, 8],
  [1, 16, 7, 9],
  [4, 4, 14, 14],
  [8, 8, 7, 7],
  [4, 12, 8, 8],
  [2, 24, 9, 9],
  [2, 32, 6, 8],
  [4, 36, 8, 6],
  [4, 20, 6, 8],
  [3, 8, 8, 8],
  [2, 4, 7, 7],
  [2, 16, 2, 2],
  [2, 16, 1, 4],
];
const threes = [pool(3, 1, 1), pool(3, 2, 1)];

const constant = (shape: readonly number[], value: number): Tensor =>
  tensor(shape, new Float64Array(elementCount(shape)).fill(value));

/** Few different values: nearly every window has ties. */
const coarse = (shape: readonly number[], seed: number, levels: number): Tensor => {
  const { data } = random(shape, seed);
  return tensor(
    shape,
    data.map((element) => Math.round(element * levels)),
  );
};

/** After a ReLU: large regions of zero, as in a network. */
const rectified = (shape: readonly number[], seed: number): Tensor => {
  const { data } = random(shape, seed);
  return tensor(
    shape,
    data.map((element) => Math.max(0, element)),
  );
};

describe('maximum pooling', () => {
  describe('without ties', () => {
    itAgrees(shapes.flatMap((x, i) => threes.map((at) => maximum(distinct(x, i), 'distinct', at))));
  });
  describe('with ties', () => {
    itAgrees(
      shapes.flatMap((x, i) =>
        threes.flatMap((at) => [
          maximum(constant(x, 0), 'zero', at),
          maximum(constant(x, -3), 'constant and negative', at),
          maximum(coarse(x, i, 1), 'three values', at),
          maximum(coarse(x, i + 50, 0.6), 'mostly equal', at),
          maximum(rectified(x, i), 'rectified', at),
        ]),
      ),
    );
  });
  describe('of large and of nearly equal values', () => {
    const scaled = (factor: number, offset: number): Tensor => {
      const { shape, data } = random([2, 16, 8, 8], 5);
      return tensor(
        shape,
        data.map((element) => element * factor + offset),
      );
    };
    itAgrees(
      threes.flatMap((at) => [
        maximum(scaled(1e5, 0), 'large', at),
        maximum(scaled(1e-20, 0), 'tiny', at),
        maximum(scaled(1e-6, 1), 'a few units in the last place apart', at),
      ]),
    );
  });
  describe('with other windows', () => {
    itAgrees([
      maximum(coarse([2, 16, 8, 8], 1, 1), 'three values', pool(2, 2, 0)),
      maximum(coarse([2, 16, 9, 9], 2, 1), 'three values', pool(3, 2, 0)),
      maximum(coarse([2, 16, 9, 9], 3, 1), 'three values', pool(5, 3, 2)),
    ]);
  });
});

describe('average pooling', () => {
  describe('3x3, whose borders count fewer pixels', () => {
    itAgrees(shapes.flatMap((x) => threes.map((at) => average(x, at))));
  });
  describe('with other windows', () => {
    itAgrees([
      average([2, 16, 8, 8], pool(2, 2, 0)),
      average([2, 16, 8, 8], pool(5, 3, 0)),
      average([4, 8, 9, 9], pool(5, 2, 2)),
    ]);
  });
});

describe('global average pooling', () => {
  itAgrees(shapes.map(globalAverage));
});

describe('the blocked form', () => {
  it.each([
    maximum(distinct([2, 16, 8, 8]), 'distinct', pool(3, 2, 1)),
    average([4, 8, 7, 7], pool(3, 1, 1)),
    globalAverage([4, 8, 7, 7]),
  ])('is taken for $name', (oneCase) => {
    const operators = operatorsOf(oneCase, { kind: 'blocked', block: 16 });
    expect(operators.some((name) => name.startsWith('com.microsoft.nchwc:'))).toBe(true);
    for (const plain of ['MaxPool', 'AveragePool', 'GlobalAveragePool'])
      expect(operators).not.toContain(plain);
  });
});

describe('the gradient of an average in a gated region, where it has no form but a composition', () => {
  itAgrees([
    {
      name: 'odd extents at stride 2',
      build(g, feed) {
        const gates = g.constant([1], [1], 'bool');
        const x = feed([2, 16, 7, 7]);
        const y = g.region({ gates, backwardGates: gates, gateIndex: 0 }, [x], (body, [inner = x]) =>
          body.averagePool2d(inner, { kernel: 3, stride: 2, padding: 1 }),
        );
        return differentiate(g, g.reduceSum(g.mul(y, y), [0, 1, 2, 3]), [x]);
      },
    },
  ]);
});
