import ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { interpret, type Tensor } from '../../../graphs/interpret/interpret.js';
import type { Graph, Value } from '../../../graphs/ir.js';
import { checkModel } from '../../../graphs/onnx/check.js';
import { lowerToOnnx } from '../../../graphs/onnx/lower.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { fixedShape } from '../../../graphs/shapes.js';
import { present, runOnnx } from '../../support/run-onnx.js';
import { defined, expectClose, positive, random } from '../../support/tensors.js';

type Constants = ReadonlyMap<Value, { readonly name: string; readonly data: Float32Array }>;

/** What exported models are made of, once each, over a batch that is known when the model runs. */
function network(): { graph: Graph; constants: Constants } {
  const g = new Builder();
  const weights: Value[] = [];
  const weight = (name: string, shape: readonly number[]): Value => {
    const value = g.input(name, shape);
    weights.push(value);
    return value;
  };
  const normalise = (x: Value, name: string, affine: 'none' | 'scale'): Value => {
    const inputs = [x, weight(`${name}.mean`, [4]), weight(`${name}.variance`, [4])];
    if (affine === 'scale') inputs.push(weight(`${name}.scale`, [1]));
    return g.one('batchNormInference', inputs, { epsilon: 1e-5, affine });
  };
  const images = g.input('images', ['N', 3, 8, 8]);
  const stem = g.within('stem', () => {
    const x = g.conv2d(images, weight('stem.weight', [4, 3, 3, 3]), { padding: 1 });
    return g.relu(normalise(x, 'stem', 'scale'));
  });
  const cell = g.within('cells.0/node2', () => {
    const reduced = g.one(
      'factorizedReduce',
      [stem, weight('a', [2, 4, 1, 1]), weight('b', [2, 4, 1, 1])],
      {},
    );
    const terms = [
      normalise(reduced, 'reduced', 'none'),
      g.maxPool2d(stem, { kernel: 3, stride: 2, padding: 1 }),
      g.averagePool2d(stem, { kernel: 3, stride: 2, padding: 1 }),
    ];
    return g.concat([g.sum(terms), g.one('slice', [reduced], { axis: 1, start: 1, end: 3 })], 1);
  });
  const logits = g.within('classifier', () => {
    const features = g.mul(g.globalAveragePool(cell), g.scalar(2));
    const scores = g.matMul(features, weight('classifier.weight', [5, 6]), false, true);
    const total = g.expand(g.reduceSum(scores, [1], true), ['N', 5]);
    return g.add(g.add(scores, weight('classifier.bias', [5])), total);
  });
  const pixels = g.within('flat', () => g.reshape(cell, ['N', 6 * 4 * 4]));
  const graph = g.build([
    { name: 'logits', value: logits },
    { name: 'pixels', value: pixels },
  ]);
  const constants = new Map(
    weights.map((value, i) => [
      value,
      { name: value.path, data: Float32Array.from(positive(fixedShape(value.shape, ''), i).data) },
    ]),
  );
  return { graph, constants };
}

function feedsOf(graph: Graph, constants: Constants, images: Tensor): Map<Value, Tensor> {
  return new Map(
    graph.inputs.map((value) => {
      const fixedTo = constants.get(value);
      return [
        value,
        fixedTo === undefined
          ? images
          : { shape: fixedShape(value.shape, ''), data: Float64Array.from(fixedTo.data) },
      ];
    }),
  );
}

describe('an exported network', () => {
  const { graph, constants } = network();

  it.each([
    { opset: 17, batch: 1 },
    { opset: 17, batch: 3 },
    { opset: 21, batch: 2 },
  ])('agrees with the interpreter (opset $opset, batch $batch)', async ({ opset, batch }) => {
    const { data, shape } = random([batch, 3, 8, 8]);
    const images = { shape, data: data.map(Math.fround) };
    const expected = interpret(graph, feedsOf(graph, constants, images));
    const results = await runOnnx(graph, { images }, { opset, constants, shapes: true });
    for (const { name } of graph.outputs)
      expectClose(results[name], defined(expected[name]), { absolute: 1e-5, relative: 1e-5 }, name);
  });

  it('declares the types that the runtime finds', async () => {
    const { bytes } = lowerToOnnx(graph, {
      layout: { kind: 'portable' },
      name: 'network',
      naming: 'readable',
      constants,
    });
    const model = decodeModel(bytes);
    const declared = present(present(model.graph).valueInfo);
    expect(declared.length).toBeGreaterThan(15);
    // The runtime gives what is an output; so let everything be one.
    present(model.graph?.output).push(...declared);
    const session = await ort.InferenceSession.create(proto.ModelProto.encode(model).finish(), {
      graphOptimizationLevel: 'disabled',
    });
    const feed = new ort.Tensor('float32', new Float32Array(2 * 3 * 8 * 8), [2, 3, 8, 8]);
    const results = await session.run({ images: feed });
    for (const info of declared) {
      const dims = present(info.type?.tensorType?.shape?.dim).map(({ dimParam, dimValue }) =>
        dimParam ? 2 : Number(dimValue),
      );
      expect(dims, present(info.name)).toEqual(defined(results[present(info.name)]).dims);
    }
    await session.release();
  });

  it('names what it writes after the place in the network', () => {
    const { bytes } = lowerToOnnx(graph, {
      layout: { kind: 'portable' },
      name: 'network',
      naming: 'readable',
      constants,
    });
    const model = decodeModel(bytes);
    const names = present(model.graph?.node).map(({ name }) => name);
    expect(names).toContain('stem/Conv');
    expect(names).toContain('cells.0/node2/MaxPool');
    expect(present(model.graph?.initializer).map(({ name }) => name)).toContain('classifier.weight');
    expect(checkModel(model, { shapes: true })).toEqual([]);
  });
});

describe('results that nobody reads', () => {
  it('are not computed', async () => {
    const g = new Builder();
    const x = g.input('x', [2, 3, 4, 4]);
    const scale = g.input('scale', [3]);
    const [y] = g.apply('batchNorm', [x, scale], { epsilon: 1e-5, affine: 'scale' });
    const graph = g.build([{ name: 'y', value: defined(y) }]);
    const { bytes } = lowerToOnnx(graph, { layout: { kind: 'portable' }, name: 'test', naming: 'short' });
    const nodes = present(decodeModel(bytes).graph?.node);
    // The statistics as vectors would be reshapes; the one that is left is the scale's.
    expect(nodes.filter(({ opType }) => opType === 'Reshape')).toHaveLength(1);
  });

  it('leave the statistics computed that are read', async () => {
    const g = new Builder();
    const x = g.input('x', [2, 3, 4, 4]);
    const [, , variance] = g.apply('batchNorm', [x], { epsilon: 1e-5, affine: 'none' });
    const graph = g.build([{ name: 'variance', value: defined(variance) }]);
    const feeds = { x: random([2, 3, 4, 4]) };
    const results = await runOnnx(graph, feeds);
    expectClose(results.variance, defined(interpret(graph, feeds).variance), {
      absolute: 1e-6,
      relative: 1e-5,
    });
  });
});

describe('an expansion', () => {
  it('refuses a symbolic extent that its input has not', () => {
    const g = new Builder();
    const y = g.expand(g.input('x', [5]), ['N', 5]);
    const graph = g.build([{ name: 'y', value: y }]);
    expect(() => lowerToOnnx(graph, { layout: { kind: 'portable' }, name: 'test', naming: 'short' })).toThrow(
      expect.objectContaining({ code: 'shape' }),
    );
  });
});
