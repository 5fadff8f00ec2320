// Genotype to ONNX: exact counts, the file's structure, and PyTorch's outputs in onnxruntime-node.
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { checkModel } from '../../../graphs/onnx/check.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import {
  bindWeights,
  compileModel,
  type InferenceNetwork,
  inferenceGraph,
  matchWeights,
  metadataOf,
} from '../../../src/deploy/model.js';
import { GenonnxError } from '../../../src/errors.js';
import { parseGenotype } from '../../../src/genotype/parse.js';
import { zooEntry } from '../../../src/genotype/zoo.js';
import { paperSizes } from '../../../src/networks/evaluation.js';
import { readFixture, readFixtureText, tensorOf } from '../../support/fixtures.js';
import { defined } from '../../support/tensors.js';

describe('the counts of the papers’ networks', () => {
  // Measured on the released PyTorch definitions; the auxiliary head counts apart.
  it.each([
    ['DARTS_V2', 'cifar', 3_349_342, 528_359_040],
    ['DATA_M7', 'cifar', 3_410_038, 516_663_936],
    ['DARTS_V2', 'imagenet', 4_718_752, 529_911_552],
    ['DATA_M7', 'imagenet', 5_035_648, 539_310_144],
  ] as const)('of %s (%s) are exact', (genotypeName, name, parameters, macs) => {
    const { genotype } = zooEntry(genotypeName);
    for (const auxiliary of [false, true]) {
      const inference = inferenceGraph({ name, genotype, ...paperSizes[name], auxiliary, batch: 'batch' });
      expect(inference.parameters).toBe(parameters);
      expect(inference.cost.macs).toBe(macs);
      expect(inference.auxiliaryParameters > 0).toBe(auxiliary);
    }
  });
});

const fixtures = [
  { name: 'darts-v2-cifar', network: 'cifar', cells: 8, classes: 10, extent: 32, auxiliary: false },
  { name: 'data-m7-cifar-auxiliary', network: 'cifar', cells: 6, classes: 10, extent: 32, auxiliary: true },
  { name: 'data-m7-imagenet', network: 'imagenet', cells: 6, classes: 20, extent: 64, auxiliary: false },
] as const;

function fixtureNetwork({
  name,
  network,
  cells,
  classes,
  extent,
  auxiliary,
}: (typeof fixtures)[number]): InferenceNetwork {
  const genotype = parseGenotype(readFixtureText(name));
  const image = { channels: 3, height: extent, width: extent };
  return { name: network, genotype, cells, initChannels: 4, classes, image, auxiliary, batch: 'batch' };
}

function fixtureWeights(name: string) {
  const tensors = [...readFixture(`${name}.weights`)];
  return new Map(tensors.map(([key, { shape, data }]) => [key, { shape, data: Float32Array.from(data) }]));
}

it('counts multiply-adds of one image, whatever the batch', () => {
  const { genotype } = zooEntry('DARTS_V2');
  const of = (batch: number | string) =>
    inferenceGraph({ ...paperSizes.cifar, name: 'cifar', genotype, auxiliary: false, batch }).cost.macs;
  expect([of('batch'), of(1), of(96)]).toEqual([528_359_040, 528_359_040, 528_359_040]);
});

describe.each(fixtures)('the model of $name', (fixture) => {
  const network = fixtureNetwork(fixture);
  const inference = inferenceGraph(network);
  const data = matchWeights(inference.weights, fixtureWeights(fixture.name));
  const metadata = metadataOf({ network, toolVersion: '0', cost: { parameters: 1, macs: 2 } });

  it.each([17, 18, 19, 20, 21])('is well formed: names, shapes, initializers (opset %i)', (opset) => {
    const model = decodeModel(compileModel(bindWeights(inference, data), { metadata, opset }).bytes);
    expect(checkModel(model, { shapes: true })).toEqual([]);
    expect(Number(model.irVersion)).toBe(opset >= 21 ? 10 : opset >= 19 ? 9 : 8);
    expect(model.graph?.input?.map(({ name }) => name)).toEqual(['images']);
    expect(model.graph?.output?.map(({ name }) => name)).toEqual(
      fixture.auxiliary ? ['logits', 'auxiliaryLogits'] : ['logits'],
    );
    expect(model.metadataProps.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['genotype', 'network', 'tool']),
    );
    const names = model.graph?.initializer?.map(({ name }) => name) ?? [];
    expect(names.some((name) => /^cells\.\d+\/node\d\/\d+\.\w+@\d\/.*weight$/.test(name ?? ''))).toBe(true);
  });

  it.each([
    [17, 'disabled'],
    [17, 'all'],
    [18, 'all'],
    [19, 'all'],
    [20, 'all'],
    [21, 'all'],
  ] as const)(
    'gives what PyTorch gives (opset %i, optimizations %s)',
    async (opset, graphOptimizationLevel) => {
      const { bytes } = compileModel(bindWeights(inference, data), { metadata, opset });
      const session = await ort.InferenceSession.create(bytes, {
        graphOptimizationLevel,
        logSeverityLevel: 3,
      });
      const io = readFixture(`${fixture.name}.io`);
      const input = tensorOf(io, 'input');
      const results = await session.run({
        images: new ort.Tensor('float32', Float32Array.from(input.data), input.shape),
      });
      for (const output of session.outputNames) {
        const actual = results[output]?.data;
        tensorOf(io, output).data.forEach((expected, i) => {
          const difference = Math.abs(Number(actual?.[i]) - expected);
          expect(difference).toBeLessThanOrEqual(1e-5 + 1e-4 * Math.abs(expected));
        });
      }
      await session.release();
    },
  );
});

describe('a network beyond what makes sense', () => {
  it('is refused before there are weights', () => {
    const { genotype } = zooEntry('DARTS_V2');
    const size = { ...paperSizes.cifar, name: 'cifar', initChannels: 4096, batch: 1 } as const;
    expect(() => inferenceGraph({ genotype, ...size, auxiliary: false })).toThrow('at most 8 GiB');
  });
});

describe('weights that do not fit', () => {
  const [fixture] = fixtures;
  const weights = fixtureWeights(fixture.name);
  const refusal = (network: Partial<ReturnType<typeof fixtureNetwork>>): GenonnxError => {
    try {
      matchWeights(inferenceGraph({ ...fixtureNetwork(fixture), ...network }).weights, weights);
    } catch (error) {
      if (error instanceof GenonnxError) return error;
      throw error;
    }
    throw new Error('accepted');
  };

  it('are refused with the first three differences and the likely cause', () => {
    const wider = refusal({ initChannels: 8 });
    expect(wider.code).toBe('weights-mismatch');
    expect(wider.details.found?.split(';').length).toBe(3);
    expect(wider.details.cure).toContain('--channels');
    expect(refusal({ auxiliary: true }).details.cure).toContain('--auxiliary');
    expect(refusal({ genotype: zooEntry('DATA_M7').genotype }).details.cure).toContain('--genotype');
  });

  it('may have the names of a model’s initializers', () => {
    const { weights: slots } = inferenceGraph(fixtureNetwork(fixture));
    const byPath = new Map(slots.map(({ name, path }) => [path, defined(weights.get(name))]));
    expect(matchWeights(slots, byPath)).toEqual(matchWeights(slots, weights));
  });

  it('may carry `module.` and counters of batches', () => {
    const wrapped = new Map([...weights].map(([name, tensor]) => [`module.${name}`, tensor]));
    wrapped.set('module.stem.1.num_batches_tracked', { shape: [], data: Float32Array.of(7) });
    expect(matchWeights(inferenceGraph(fixtureNetwork(fixture)).weights, wrapped).length).toBeGreaterThan(
      100,
    );
  });
});
