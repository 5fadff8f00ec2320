// Whole networks in TensorFlow.js against the float64 interpreter, and the fixtures against what PyTorch computed.
import { describe, expect, it } from 'vitest';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import type { Tensor } from '../../graphs/interpret/interpret.js';
import { foldBatchNorm } from '../../graphs/passes/fold-batch-norm.js';
import { matchWeights } from '../../src/deploy/match-weights.js';
import { bindWeights } from '../../src/networks/inference-graph.js';
import { parseGenotype } from '../../src/spaces/parse.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { readFixture, readFixtureText, tensorOf } from '../support/fixtures.js';
import { expectClose } from '../support/tensors.js';
import { caseImages, type ExportCase, expectedOutputs, exportCase } from './export-case.js';
import { allowedDeparture, runTfjs } from './runners/tfjs.js';

const dartsV2 = zooEntry('DARTS_V2').genotype;
const dataM7 = zooEntry('DATA_M7').genotype;

/** What the zoo's genotypes do without, at stride 1 and, in the reduction, at stride 2. */
const rarer = parseGenotype(
  "Genotype(normal=[[('sep_conv_7x7', 0), ('conv_7x1_1x7', 1)], [('avg_pool_3x3', 2), ('dil_conv_5x5', 1)]], normal_concat=[2, 3], reduce=[[('sep_conv_7x7', 0), ('conv_7x1_1x7', 1)], [('avg_pool_3x3', 0), ('dil_conv_5x5', 1)], [('max_pool_3x3', 1), ('dil_conv_3x3', 0)]], reduce_concat=[2, 3, 4])",
);

const square = (extent: number) => ({ channels: 3, height: extent, width: extent });

const cases: Readonly<Record<string, ExportCase>> = {
  DARTS_V2: exportCase(dartsV2, { image: { channels: 3, height: 16, width: 24 } }),
  DATA_M7: exportCase(dataM7),
  'DARTS_V2 for ImageNet': exportCase(dartsV2, { name: 'imagenet', image: square(64) }),
  'DATA_M7 for ImageNet': exportCase(dataM7, { name: 'imagenet', image: square(64) }),
  'the rarer operations': exportCase(rarer),
  'an auxiliary head': exportCase(dataM7, { image: square(32), auxiliary: true }),
  'one image channel and a fixed batch': exportCase(dartsV2, {
    image: { channels: 1, height: 16, width: 16 },
    batch: 3,
  }),
};

async function expectOutputs(
  model: ExportCase,
  images: Tensor,
  expected: Readonly<Record<string, Tensor>>,
): Promise<void> {
  const actual = await runTfjs(model, images);
  if ('skipped' in actual) throw new Error('TensorFlow.js is always there');
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    expect(Math.max(...values.data.map(Math.abs))).toBeGreaterThan(0.01);
    expectClose(actual[name], values, allowedDeparture(values), name);
  }
}

describe.each(Object.entries(cases))('%s', (_, model) => {
  const { batch } = model.network;
  it.each(typeof batch === 'number' ? [batch] : [1, 3])(
    'gives the outputs of the interpreter for %i images',
    async (count) => {
      const images = caseImages(model, count);
      await expectOutputs(model, images, expectedOutputs(model.bound, images));
    },
  );

  it('does so with its batch norms folded', async () => {
    const folded: BoundGraph = foldBatchNorm(model.bound);
    expect(folded.graph.nodes.length).toBeLessThan(model.bound.graph.nodes.length);
    const images = caseImages(model, 3);
    await expectOutputs({ ...model, bound: folded }, images, expectedOutputs(folded, images));
  });
});

const fixtures = [
  { name: 'darts-v2-cifar', network: 'cifar', cells: 8, classes: 10, extent: 32, auxiliary: false },
  { name: 'data-m7-cifar-auxiliary', network: 'cifar', cells: 6, classes: 10, extent: 32, auxiliary: true },
  { name: 'data-m7-imagenet', network: 'imagenet', cells: 6, classes: 20, extent: 64, auxiliary: false },
] as const;

describe.each(fixtures)('the fixture $name', ({ name, network, cells, classes, extent, auxiliary }) => {
  it('gives the outputs of PyTorch', async () => {
    const model = exportCase(parseGenotype(readFixtureText(name)), {
      name: network,
      cells,
      initChannels: 4,
      classes,
      image: square(extent),
      auxiliary,
    });
    const named = [...readFixture(`${name}.weights`)].map(
      ([key, { shape, data }]) => [key, { shape, data: Float32Array.from(data) }] as const,
    );
    const weights = matchWeights(model.inference.weights, new Map(named));
    const io = readFixture(`${name}.io`);
    const outputs = auxiliary ? ['logits', 'auxiliaryLogits'] : ['logits'];
    await expectOutputs(
      { ...model, bound: bindWeights(model.inference, weights) },
      tensorOf(io, 'input'),
      Object.fromEntries(outputs.map((output) => [output, tensorOf(io, output)])),
    );
  });
});
