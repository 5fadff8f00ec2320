// What holds of segmentation networks without a fixture: their parameters, what they keep of the classifier that they are made of,
// and what is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { interpret, type Tensor } from '../../../../graphs/interpret/interpret.js';
import type { Value } from '../../../../graphs/ir.js';
import { totalSize } from '../../../../graphs/slots.js';
import { cellSamplings } from '../../../../src/networks/atrous.js';
import {
  type DeeplabArchitecture,
  deeplab,
  featureExtent,
  OUTPUT_STRIDES,
  type OutputStride,
  paperDeeplab,
  usualRates,
} from '../../../../src/networks/deeplab/network.js';
import { pixelWeights } from '../../../../src/networks/deeplab/programs.js';
import { evaluationNetwork, paperSizes } from '../../../../src/networks/evaluation.js';
import { type ConvolutionalGenotype, PRIMITIVES } from '../../../../src/spaces/convolutional.js';
import { zooEntry } from '../../../../src/spaces/zoo.js';
import { defined, random } from '../../../support/tensors.js';
import { refusal } from '../../runs/helpers.js';

const tiny = {
  cells: 3,
  initChannels: 2,
  classes: 2,
  asppWidth: 2,
  rates: [1, 2, 3],
  alignment: 'align-corners',
} as const;

function traced(
  architecture: Omit<DeeplabArchitecture, 'image'>,
  [batch, height, width]: readonly [number, number, number],
  training = false,
) {
  const g = new Builder();
  const images = g.input('images', [batch, 3, height, width]);
  return { g, images, ...deeplab(g, images, architecture, { training }) };
}

describe('the network for VOC', () => {
  it.each([
    ['DARTS_V2', 9_987_533],
    ['DATA_M7', 10_304_429],
    ['DATA_M4', 10_742_957],
  ])('of %s has %i parameters', (name, count) => {
    const architecture = { ...paperDeeplab, genotype: zooEntry(name).genotype };
    const { g, features, low, logits } = traced(architecture, [1, 513, 513]);
    const slots = g.slots('parameters');
    expect(totalSize(slots)).toBe(count);
    const head = slots.filter((slot) => !slot.name.startsWith('backbone.'));
    expect(head.reduce((sum, { size }) => sum + size, 0)).toBe(6_037_781);
    expect([features, low, logits].map(({ shape }) => shape)).toEqual([
      [1, 768, 33, 33],
      [1, 21, 33, 33],
      [1, 21, 513, 513],
    ]);
  });

  it('has the weights of the ImageNet network behind `backbone.`, but for its classifier', () => {
    const genotype = zooEntry('DATA_M7').genotype;
    const names = (g: Builder) =>
      [...g.slots('parameters'), ...g.slots('statistics')].map(({ name }) => name);
    const { g } = traced({ ...paperDeeplab, genotype }, [1, 65, 65]);
    const classifier = new Builder();
    const images = classifier.input('images', [1, 3, 64, 64]);
    const options = { ...paperSizes.imagenet, name: 'imagenet', auxiliary: false, training: false } as const;
    evaluationNetwork(classifier, images, { ...options, genotype });
    const backbone = names(g).filter((name) => name.startsWith('backbone.'));
    const kept = names(classifier).filter((name) => !name.startsWith('classifier.'));
    expect(backbone.toSorted()).toEqual(kept.map((name) => `backbone.${name}`).toSorted());
  });
});

const operations = PRIMITIVES.filter((primitive) => primitive !== 'none');

/** Two nodes of one or two operations each. */
const cell = fc
  .tuple(
    fc.array(fc.record({ primitive: fc.constantFrom(...operations), input: fc.nat(1) }), {
      minLength: 1,
      maxLength: 2,
    }),
    fc.array(fc.record({ primitive: fc.constantFrom(...operations), input: fc.nat(2) }), {
      minLength: 1,
      maxLength: 2,
    }),
  )
  .map((nodes) => ({ nodes, concat: [2, 3] }));
const genotypes: fc.Arbitrary<ConvolutionalGenotype> = fc.record({ normal: cell, reduce: cell });

/** The features of an output stride, from weights by their names. */
function featuresAt(
  genotype: ConvolutionalGenotype,
  cells: number,
  outputStride: OutputStride,
  image: Tensor,
  weightOf: (name: string, shape: readonly number[]) => Tensor,
): Tensor {
  const [, , height = 0, width = 0] = image.shape;
  const { g, images, features } = traced({ ...tiny, cells, genotype, outputStride }, [1, height, width]);
  const feeds = new Map<Value, Tensor>([[images, image]]);
  for (const kind of ['parameters', 'statistics'] as const) {
    const slots = g.slots(kind);
    g.slotInputs(kind).forEach((value, i) => {
      const { name, shape } = defined(slots[i]);
      feeds.set(value, weightOf(name, shape));
    });
  }
  const graph = g.build([{ name: 'features', value: features }]);
  return defined(interpret(graph, feeds).features);
}

describe('features at a smaller output stride', () => {
  it('are, at every second and fourth pixel, those at 32', { timeout: 60_000 }, () => {
    const size = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(genotypes, size, size, fc.integer({ min: 3, max: 5 }), (genotype, height, width, cells) => {
        const known = new Map<string, Tensor>();
        const weightOf = (name: string, shape: readonly number[]): Tensor => {
          const found = known.get(name);
          if (found !== undefined) return found;
          const { data } = random(shape, known.size + 1);
          const made = { shape, data: name.endsWith('running_var') ? data.map((u) => 1 + u / 2) : data };
          known.set(name, made);
          return made;
        };
        const image = random([1, 3, height, width], 7);
        const coarse = featuresAt(genotype, cells, 32, image, weightOf);
        const largest = coarse.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        for (const [outputStride, every] of [
          [16, 2],
          [8, 4],
        ] as const) {
          const fine = featuresAt(genotype, cells, outputStride, image, weightOf);
          const [, channels = 0, rows = 0, columns = 0] = coarse.shape;
          const [, , fineRows = 0, fineColumns = 0] = fine.shape;
          expect([fineRows, fineColumns]).toEqual(
            [height, width].map((extent) => featureExtent(extent, outputStride)),
          );
          for (let c = 0; c < channels; c++) {
            for (let p = 0; p < rows; p++) {
              for (let q = 0; q < columns; q++) {
                const wanted = defined(coarse.data[(c * rows + p) * columns + q]);
                const found = defined(fine.data[(c * fineRows + every * p) * fineColumns + every * q]);
                expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-12 * largest);
              }
            }
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('what the cells read', () => {
  it('lies at twice the distance behind each lost stride', () => {
    const strides = [1, 2, 1, 2, 1] as const;
    expect(cellSamplings(strides, 0).map(({ rate, stride }) => [stride, rate])).toEqual([
      [1, 1],
      [2, 1],
      [1, 1],
      [2, 1],
      [1, 1],
    ]);
    expect(cellSamplings(strides, 1)).toEqual([
      { stride: 1, rate: 1, rateAfter: 1 },
      { stride: 2, rate: 1, rateAfter: 1 },
      { stride: 1, rate: 1, rateAfter: 1 },
      { stride: 1, rate: 1, rateAfter: 2 },
      { stride: 1, rate: 2, rateAfter: 2 },
    ]);
    expect(cellSamplings(strides, 2).map(({ rateAfter }) => rateAfter)).toEqual([1, 2, 2, 4, 4]);
  });
});

describe('what cannot be is refused', () => {
  const genotype = zooEntry('DARTS_V2').genotype;
  const usual = { ...tiny, outputStride: 16, genotype } as const;

  it('an output stride that the cells do not have', async () => {
    const shallow = await refusal('usage', () =>
      traced({ ...usual, cells: 1, outputStride: 32 }, [1, 32, 32]),
    );
    expect(shallow.details).toMatchObject({ expected: '8, 16', found: '32' });
  });

  it('rates and widths that are none', async () => {
    for (const rates of [
      [0, 1, 2],
      [1, 2, 2.5],
      [1, -2, 3],
    ] as const)
      await refusal('usage', () => traced({ ...usual, rates }, [1, 32, 32]));
    await refusal('usage', () => traced({ ...usual, asppWidth: 0 }, [1, 32, 32]));
  });

  it('to learn from one image at a time, unless the statistics stay', async () => {
    const { details } = await refusal('usage', () => traced(usual, [1, 32, 32], true));
    expect(details.cure).toContain('freeze');
    expect(traced(usual, [2, 32, 32], true).logits.shape).toEqual([2, 2, 32, 32]);
  });
});

describe('shares of pixels', () => {
  it('are equal for pixels of a class, and none for others', () => {
    expect([...pixelWeights([3, 255, 0, 255, 1, 1])]).toEqual([0.25, 0, 0.25, 0, 0.25, 0.25]);
    expect([...pixelWeights([255, 255])]).toEqual([0, 0]);
  });
});

it('twice the resolution has rates twice as far', () => {
  expect(OUTPUT_STRIDES.map(usualRates)).toEqual([
    [12, 24, 36],
    [6, 12, 18],
    [6, 12, 18],
  ]);
});
