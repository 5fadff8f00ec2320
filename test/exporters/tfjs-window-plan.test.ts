// Convolutions with every pair of a stride and a dilation, which TensorFlow.js refuses to run as they are.
import { describe, expect, it } from 'vitest';
import { planWindow } from '../../exporters/tfjs/window-plan.js';
import { toTfjs } from '../../exporters/tfjs.js';
import { Builder } from '../../graphs/builder.js';
import { interpret } from '../../graphs/interpret/interpret.js';
import type { ConvolutionAttributes, Pair } from '../../graphs/ir.js';
import { expectClose, random } from '../support/tensors.js';
import { allowedDeparture, runGraphModel } from './runners/tfjs.js';

const pairs: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [3, 1],
  [2, 3],
  [4, 2],
];
const paddings: readonly ConvolutionAttributes['pads'][] = [
  [0, 0, 0, 0],
  [4, 4, 4, 4],
  [1, 2, 3, 0],
];
const channels = 2;

describe.each(pairs)('strides %i, %i', (...strides) => {
  describe.each(pairs)('dilations %i, %i', (...dilations) => {
    it.each(paddings)('pads %i, %i, %i, %i', async (...pads) => {
      for (const [height, width] of [
        [10, 11],
        [13, 8],
      ] as const) {
        for (const groups of [1, channels]) {
          const g = new Builder();
          const x = g.input('x', [1, channels, height, width]);
          const w = g.input('w', [4, channels / groups, 3, 2]);
          const y = g.one('conv2d', [x, w], { strides, pads, dilations, groups });
          const graph = g.build([{ name: 'y', value: y }]);
          const feeds = {
            x: random([1, channels, height, width], 1),
            w: random([4, channels / groups, 3, 2], 2),
          };
          const expected = interpret(graph, feeds).y!;
          const weights = new Map([[w, { name: 'w', data: Float32Array.from(feeds.w.data) }]]);
          const actual = await runGraphModel(toTfjs({ graph, weights }, { name: 'window', metadata: {} }), {
            x: feeds.x,
          });
          expectClose(actual.y, expected, allowedDeparture(expected));
        }
      }
    });
  });
});

it('computes a dilated reduction on a quarter of the pixels, and nothing that it throws away', () => {
  const plan = planWindow(
    { strides: [2, 2], pads: [4, 4, 4, 4], dilations: [2, 2] },
    { input: [8, 6], kernel: [5, 5], output: [4, 3] },
  );
  expect(plan).toEqual({
    padFirst: [0, 0, 0, 0],
    readEvery: [2, 2],
    geometry: { strides: [1, 1], pads: [2, 2, 2, 2], dilations: [1, 1] },
    keepEvery: [1, 1],
  });
});

it('never pads by less than nothing', () => {
  const { geometry } = planWindow(
    { strides: [4, 4], pads: [0, 0, 0, 0], dilations: [2, 2] },
    { input: [10, 10], kernel: [2, 2], output: [2, 2] },
  );
  expect(geometry).toEqual({ strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] });
});

it('leaves a convolution with a stride or a dilation alone', () => {
  const extents = { input: [8, 8], kernel: [3, 3], output: [4, 4] } as const;
  const geometry = { strides: [2, 1], pads: [1, 1, 1, 1], dilations: [1, 1] } as const;
  expect(planWindow(geometry, extents)).toMatchObject({ geometry, readEvery: [1, 1], keepEvery: [1, 1] });
});
