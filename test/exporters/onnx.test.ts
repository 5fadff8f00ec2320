// The ONNX target: every opset, float16, and weights in a second file, in onnxruntime-node.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type OnnxFileOptions, toOnnx } from '../../exporters/onnx.js';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import type { Tensor } from '../../graphs/interpret/interpret.js';
import { checkModel } from '../../graphs/onnx/check.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import { proto } from '../../graphs/onnx/proto.js';
import { foldBatchNorm } from '../../graphs/passes/fold-batch-norm.js';
import { openModelFile } from '../../src/deploy/model-file.js';
import { optimizeGraph } from '../../src/deploy/optimize.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { freshFolder } from '../e2e/command.js';
import { bytesOf } from '../support/static-server.js';
import { defined } from '../support/tensors.js';
import { caseImages, expectedOutputs, exportCase } from './export-case.js';

const model = exportCase(zooEntry('DATA_M4').genotype);
const images = caseImages(model, 2);

/** Writes the files of an export and returns the path of the model. */
function write(bound: BoundGraph, options: Partial<OnnxFileOptions> = {}): string {
  const path = join(freshFolder(), 'model.onnx');
  const { files } = toOnnx(bound, { fileName: 'model.onnx', metadata: model.metadata, ...options });
  for (const file of files)
    writeFileSync(file.path === '' ? path : join(path, '..', file.path), bytesOf(file.content));
  return path;
}

async function run(path: string): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(path, { logSeverityLevel: 3 });
  const input = new ort.Tensor('float32', Float32Array.from(images.data), images.shape);
  const { logits } = await session.run({ images: input });
  await session.release();
  if (!(logits?.data instanceof Float32Array)) throw new Error('no float32 logits');
  return logits.data;
}

/** The largest difference, relative to the largest expected value. */
function departure(expected: Tensor, found: Float32Array): number {
  const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const differences = expected.data.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN)));
  return differences.reduce((most, value) => Math.max(most, value), 0) / largest;
}

const expected = defined(expectedOutputs(model.bound, images).logits);

describe('the ONNX target', () => {
  it.each([17, 18, 19, 20, 21])('gives what the interpreter gives at opset %i', async (opset) => {
    expect(departure(expected, await run(write(model.bound, { opset })))).toBeLessThan(1e-5);
  });

  it('changes nothing beyond 1e-5 where batch norms are folded', async () => {
    const found = await run(write(foldBatchNorm(model.bound)));
    expect(departure(expected, found)).toBeLessThan(1e-5);
  });

  it.each([false, true])('calculates in float16 between float32 ends (folded: %s)', async (folded) => {
    const bound = folded ? foldBatchNorm(model.bound) : model.bound;
    const path = write(bound, { precision: 'float16' });
    const { files } = toOnnx(bound, { fileName: 'm', metadata: {}, precision: 'float16' });
    const decoded = decodeModel(bytesOf(defined(files[0]).content));
    expect(checkModel(decoded, { shapes: true })).toEqual([]);
    const types = new Set(decoded.graph?.initializer?.map(({ dataType }) => dataType));
    expect(types.has(proto.TensorProto.DataType.FLOAT)).toBe(false);
    expect(types.has(proto.TensorProto.DataType.FLOAT16)).toBe(true);
    const found = departure(expected, await run(path));
    // Half precision has 11 bits: it departs, but not far.
    expect(found).toBeGreaterThan(1e-6);
    expect(found).toBeLessThan(2e-2);
  });

  it('refuses weights beyond the range of float16', () => {
    const [value, weight] = defined([...model.bound.weights][0]);
    const weights = new Map(model.bound.weights).set(value, { ...weight, data: weight.data.map(() => 7e4) });
    const options = { fileName: 'm', metadata: {}, precision: 'float16' } as const;
    expect(() => toOnnx({ ...model.bound, weights }, options)).toThrow(/65504/);
  });

  it('keeps weights in a second file where that is wanted', async () => {
    const path = write(model.bound, { externalData: 'always' });
    expect([...(await run(path))]).toEqual([...(await run(write(model.bound)))]);
    const { files } = toOnnx(model.bound, { fileName: 'model.onnx', metadata: {}, externalData: 'always' });
    expect(files.map((file) => file.path)).toEqual(['model.onnx.data', '']);
    const [data, whole] = files.map((file) => bytesOf(file.content).length);
    expect(data).toBeGreaterThan(defined(whole) / 4);
    expect(checkModel(decodeModel(bytesOf(defined(files[1]).content)), { shapes: true })).toEqual([]);
  });
});

describe('a model that is read back', () => {
  it.each([
    ['none', 'float32', 'auto'],
    ['fold', 'float32', 'auto'],
    ['cpu', 'float32', 'auto'],
    ['fold', 'float16', 'auto'],
    ['none', 'float32', 'always'],
  ] as const)(
    'is what was written (optimized: %s, %s, data file %s)',
    async (optimization, precision, externalData) => {
      const bound = optimizeGraph(model.bound, optimization);
      const metadata: Record<string, string> = { ...model.metadata };
      if (optimization !== 'none') metadata.optimize = optimization;
      if (precision !== 'float32') metadata.precision = precision;
      const opened = await openModelFile(write(bound, { metadata, precision, externalData }));
      expect(opened).toMatchObject({ optimization, precision });
      const found = defined(expectedOutputs(opened.bound, images).logits);
      const limit = precision === 'float16' ? 2e-2 : 1e-6;
      expect(departure(expected, Float32Array.from(found.data))).toBeLessThan(limit);
      if (precision === 'float32') {
        const weights = [...opened.bound.weights.values()].map(({ name, data }) => [name, data]);
        const read = new Set(bound.graph.nodes.flatMap(({ inputs }) => inputs));
        const written = [...bound.weights].filter(([value]) => read.has(value));
        expect(weights).toEqual(written.map(([, { name, data }]) => [name, data]));
      }
      const made = new Set(opened.proto.graph?.node?.flatMap(({ output }) => output ?? []));
      for (const { outputs } of opened.bound.graph.nodes)
        for (const value of outputs) expect(made).toContain(opened.names.get(value));
    },
  );
});
