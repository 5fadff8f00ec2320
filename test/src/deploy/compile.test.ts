// Genotype to ONNX: exact counts, the file's structure, and PyTorch's outputs in onnxruntime-node.
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { checkModel } from '../../../graphs/onnx/check.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import { compileModel, inferenceGraph, matchWeights, metadataOf } from '../../../src/deploy/model.js';
import { GenonnxError } from '../../../src/errors.js';
import { parseGenotype } from '../../../src/genotype/parse.js';
import { zooEntry } from '../../../src/genotype/zoo.js';
import { readFixture, readFixtureText, tensorOf } from '../../support/fixtures.js';

const cifarImage = { channels: 3, height: 32, width: 32 };

describe('the counts of the CIFAR network with C = 36 and 20 cells', () => {
  // Measured on the released PyTorch definitions; the auxiliary head counts apart.
  it.each([
    ['DARTS_V2', 3_349_342, 528_359_040],
    ['DATA_M7', 3_410_038, 516_663_936],
  ])('of %s are exact', (name, parameters, macs) => {
    const size = { cells: 20, initChannels: 36, classes: 10, image: cifarImage, batch: 'batch' } as const;
    for (const auxiliary of [false, true]) {
      const inference = inferenceGraph({ genotype: zooEntry(name).genotype, ...size, auxiliary });
      expect(inference.parameters).toBe(parameters);
      expect(inference.cost.macs).toBe(macs);
      expect(inference.auxiliaryParameters > 0).toBe(auxiliary);
    }
  });
});

const fixtures = [
  { name: 'darts-v2-cifar', cells: 8, auxiliary: false },
  { name: 'data-m7-cifar-auxiliary', cells: 6, auxiliary: true },
] as const;

function fixtureNetwork({ name, cells, auxiliary }: (typeof fixtures)[number]) {
  const genotype = parseGenotype(readFixtureText(name));
  return { genotype, cells, initChannels: 4, classes: 10, image: cifarImage, auxiliary, batch: 'batch' };
}

function fixtureWeights(name: string) {
  const tensors = [...readFixture(`${name}.weights`)];
  return new Map(tensors.map(([key, { shape, data }]) => [key, { shape, data: Float32Array.from(data) }]));
}

describe.each(fixtures)('the model of $name', (fixture) => {
  const network = fixtureNetwork(fixture);
  const inference = inferenceGraph(network);
  const data = matchWeights(inference.weights, fixtureWeights(fixture.name));
  const metadata = metadataOf({ network, toolVersion: '0', cost: { parameters: 1, macs: 2 } });

  it.each([17, 21])('is well formed: names, shapes, initializers (opset %i)', (opset) => {
    const model = decodeModel(compileModel(inference, data, { metadata, opset }).bytes);
    expect(checkModel(model, { shapes: true })).toEqual([]);
    expect(Number(model.irVersion)).toBe(opset === 17 ? 8 : 10);
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
    [21, 'all'],
  ] as const)(
    'gives what PyTorch gives (opset %i, optimizations %s)',
    async (opset, graphOptimizationLevel) => {
      const { bytes } = compileModel(inference, data, { metadata, opset });
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

describe('a network beyond what a file can hold', () => {
  it('is refused before there are weights', () => {
    const { genotype } = zooEntry('DARTS_V2');
    const size = { cells: 20, initChannels: 4096, classes: 10, image: cifarImage, batch: 1 } as const;
    expect(() => inferenceGraph({ genotype, ...size, auxiliary: false })).toThrow('less than 2 GiB');
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

  it('may carry `module.` and counters of batches', () => {
    const wrapped = new Map([...weights].map(([name, tensor]) => [`module.${name}`, tensor]));
    wrapped.set('module.stem.1.num_batches_tracked', { shape: [], data: Float32Array.of(7) });
    expect(matchWeights(inferenceGraph(fixtureNetwork(fixture)).weights, wrapped).length).toBeGreaterThan(
      100,
    );
  });
});
