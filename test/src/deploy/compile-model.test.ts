// Genotype to ONNX: the file's structure, and PyTorch's outputs in onnxruntime-node.
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { checkModel } from '../../../graphs/onnx/check.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import { compileModel } from '../../../src/deploy/compile-model.js';
import { matchWeights } from '../../../src/deploy/match-weights.js';
import { inferenceGraph } from '../../../src/networks/inference.js';
import { bindWeights } from '../../../src/networks/inference-graph.js';
import { metadataOf } from '../../../src/networks/metadata.js';
import { fixtureNetwork, fixtureSizes, fixtureWeights } from '../../support/fixture-networks.js';
import { readFixture, tensorOf } from '../../support/fixtures.js';

describe.each(fixtureSizes)('the model of $name', (fixture) => {
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
