// The files of a TensorFlow.js graph model: what stands in `model.json`, how it fits the shards, and what is refused.
import { describe, expect, it } from 'vitest';
import { rules, unsupported } from '../../exporters/tfjs/rules.js';
import { shard, shardBytes } from '../../exporters/tfjs/shards.js';
import { toTfjs } from '../../exporters/tfjs.js';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { Builder } from '../../graphs/builder.js';
import { GenonnxError } from '../../graphs/errors.js';
import { interpret } from '../../graphs/interpret/interpret.js';
import type { Value } from '../../graphs/ir.js';
import { elementCount, fixedShape } from '../../graphs/shapes.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { type CaseOperation, caseGraph, operationCases } from '../graphs/onnx/operation-cases/index.js';
import { languageExport } from '../support/language-models.js';
import { expectClose, random } from '../support/tensors.js';
import { exportCase } from './export-case.js';
import { allowedDeparture, loadGraphModel, modelJson, runGraphModel, shardOf } from './runners/tfjs.js';

/** A node, as far as the tests look at it. */
interface WrittenNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: Readonly<Record<string, unknown>>;
}

type Files = ReturnType<typeof toTfjs>;

function nodesOf(files: Files): readonly WrittenNode[] {
  const { modelTopology } = modelJson(files);
  if (!('node' in modelTopology) || !Array.isArray(modelTopology.node)) throw new Error('no nodes');
  return modelTopology.node;
}

function bytesOf(content: Files[number]['content']): Uint8Array {
  if (typeof content === 'string') return Buffer.from(content);
  if (content instanceof Uint8Array) return content;
  throw new Error('content in pieces');
}

/** 5 million weights: several shards. */
const large = exportCase(zooEntry('DARTS_V2').genotype, {
  cells: 6,
  initChannels: 64,
  image: { channels: 3, height: 32, width: 32 },
  auxiliary: true,
});
const options = { name: 'large', metadata: large.metadata, toolVersion: '1.2.3' };
const files = toTfjs(large.bound, options);

describe('model.json', () => {
  const document = modelJson(files);

  it('says what it is, and carries the metadata', () => {
    expect(document.format).toBe('graph-model');
    expect(document.generatedBy).toBe('genonnx 1.2.3');
    expect(document.convertedBy).toBe('genonnx 1.2.3');
    expect(document.userDefinedMetadata).toEqual({ name: 'large', ...large.metadata });
    expect(large.metadata.genotype).toMatch(/sep_conv_3x3/);
  });

  it('names inputs and outputs with their shapes, the batch open', () => {
    const sized = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size: String(size) })) });
    expect(document.signature).toEqual({
      inputs: { images: { name: 'images:0', dtype: 'DT_FLOAT', tensorShape: sized(-1, 3, 32, 32) } },
      outputs: {
        logits: { name: 'logits:0', dtype: 'DT_FLOAT', tensorShape: sized(-1, 5) },
        auxiliaryLogits: { name: 'auxiliaryLogits:0', dtype: 'DT_FLOAT', tensorShape: sized(-1, 5) },
      },
    });
    const placeholder = nodesOf(files).find(({ op }) => op === 'Placeholder');
    expect(placeholder?.attr.shape).toEqual({ shape: sized(-1, 3, 32, 32) });
  });

  it('is read so by TensorFlow.js', async () => {
    const model = await loadGraphModel(files);
    expect(model.inputs.map(({ name, shape, dtype }) => ({ name, shape, dtype }))).toEqual([
      { name: 'images', shape: [-1, 3, 32, 32], dtype: 'float32' },
    ]);
    expect(model.outputNodes).toEqual(['logits', 'auxiliaryLogits']);
    expect(model.metadata).toEqual({ name: 'large', ...large.metadata });
    model.dispose();
  });

  it('has nodes that read only what stands before them, and each is read', () => {
    const known = new Set<string>();
    const read = new Set(['logits', 'auxiliaryLogits']);
    for (const { name, input = [] } of nodesOf(files)) {
      expect(input.filter((source) => !known.has(source))).toEqual([]);
      expect(known.has(name), name).toBe(false);
      for (const source of input) read.add(source);
      known.add(name);
    }
    expect([...known].filter((name) => !read.has(name))).toEqual([]);
  });

  it('turns the layout once', () => {
    const turned = nodesOf(files).filter(({ op }) => op === 'Transpose');
    expect(turned.map(({ name }) => name)).toEqual(['images/Transpose']);
  });

  it('names nodes after their place in the network', () => {
    const names = nodesOf(files).map(({ name }) => name);
    expect(names).toContain('cells.5/preprocess0/reduce/ConcatV2');
    expect(names).toContain('linear/MatMul');
  });

  it('prepares an input once for all that read it so', () => {
    const written = nodesOf(files).filter(({ op }) => ['PadV2', 'Slice', 'StridedSlice'].includes(op));
    const sources = written.map(({ op, input = [] }) => `${op} ${input[0]}`);
    expect(sources.length).toBeGreaterThan(0);
    expect(new Set(sources).size).toBe(sources.length);
  });

  it('is the same each time', () => {
    const again = toTfjs(large.bound, options);
    expect(again.map(({ path }) => path)).toEqual(files.map(({ path }) => path));
    expect(
      again.every(({ content }, i) => Buffer.from(bytesOf(content)).equals(bytesOf(files[i]!.content))),
    ).toBe(true);
  });
});

describe('the shards', () => {
  const { weightsManifest } = modelJson(files);
  const [group] = weightsManifest;
  if (group === undefined) throw new Error('no weights');

  it('are files of at most 4 MiB that the manifest lists', () => {
    const count = group.paths.length;
    expect(count).toBeGreaterThan(2);
    expect(group.paths).toEqual(
      Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`),
    );
    expect(files.map(({ path }) => path)).toEqual(['model.json', ...group.paths]);
    for (const path of group.paths) expect(shardOf(files, path).length).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  it('are together as long as the manifest says', () => {
    const stored = group.paths.reduce((sum, path) => sum + shardOf(files, path).length, 0);
    const said = group.weights.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
    expect(stored).toBe(said);
  });

  it('hold each Const of the graph, and nothing else', () => {
    const constants = nodesOf(files).filter(({ op }) => op === 'Const');
    expect(constants.map(({ name }) => name)).toEqual(group.weights.map(({ name }) => name));
    constants.forEach(({ attr }, i) => {
      const { dtype, shape } = group.weights[i]!;
      const type = dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT';
      const tensorShape = { dim: shape.map((size) => ({ size: String(size) })) };
      expect(attr).toEqual({ dtype: { type }, value: { tensor: { dtype: type, tensorShape } } });
    });
  });

  it('hold every weight of the network once', () => {
    const names = group.weights.map(({ name }) => name).filter((name) => !name.startsWith('const/'));
    const bound = [...large.bound.weights.values()].map(({ name }) => name);
    expect(names.toSorted()).toEqual(bound.toSorted());
  });
});

describe('shard', () => {
  const weight = (name: string, length: number, seed: number) => ({
    name,
    shape: [length / 4],
    dtype: 'float32' as const,
    bytes: Uint8Array.from({ length }, (_, i) => (i * seed) % 251),
  });

  it('cuts within weights', () => {
    const third = shardBytes - shardBytes / 4;
    const weights = [weight('a', third, 3), weight('b', third, 5), weight('c', third, 7)];
    const cut = shard(weights);
    const shards = cut.group.paths.map((path) => shardOf(cut.files, path));
    expect(shards.map(({ length }) => length)).toEqual([shardBytes, shardBytes, shardBytes / 4]);
    expect(Buffer.concat(shards).equals(Buffer.concat(weights.map(({ bytes }) => bytes)))).toBe(true);
  });

  it('cuts one weight into several, and adds no empty shard', () => {
    const { files: cut } = shard([weight('a', 2 * shardBytes, 3)]);
    expect(cut.map(({ path }) => path)).toEqual(['group1-shard1of2.bin', 'group1-shard2of2.bin']);
  });

  it('makes none where there are no weights', () => {
    expect(shard([])).toEqual({ group: { paths: [], weights: [] }, files: [] });
  });
});

describe('a weight that is read twice', () => {
  const g = new Builder();
  const x = g.input('images', [1, 3, 4, 4]);
  const w = g.input('w', [3, 3, 4, 4]);
  const padding = 2;
  const sum = g.add(g.conv2d(x, w, { padding }), g.conv2d(g.relu(x), w, { padding }));
  const flat = (value: Value): Value => g.reshape(value, [1, elementCount(fixedShape(value.shape, 'flat'))]);
  const graph = g.build([
    { name: 'sum', value: flat(sum) },
    { name: 'weight', value: flat(w) },
  ]);
  const feeds = { images: random([1, 3, 4, 4], 1), w: random([3, 3, 4, 4], 2) };
  const weights = new Map([[w, { name: 'w', data: Float32Array.from(feeds.w.data) }]]);
  const model = toTfjs({ graph, weights }, { name: 'twice', metadata: {} });

  it('is written once for each arrangement', () => {
    const written = modelJson(model).weightsManifest.flatMap((group) => group.weights);
    const names = written.map(({ name }) => name).filter((name) => name.startsWith('w'));
    expect(names).toEqual(['w', 'w_1']);
  });

  it('is right in each', async () => {
    const outputs = await runGraphModel(model, { images: feeds.images });
    for (const [name, values] of Object.entries(interpret(graph, feeds)))
      expectClose(outputs[name], values, allowedDeparture(values), name);
  });
});

it.each([
  { from: [2, 6, 1, 1], to: [2, 6], turned: 0 },
  { from: [2, 1, 3, 2], to: [2, 6], turned: 0 },
  { from: [2, 2, 3, 1], to: [2, 6], turned: 1 },
  { from: [2, 2, 1, 3], to: [2, 6], turned: 1 },
])("reshapes [$from] with $turned transposes beside the input's", ({ from, to, turned }) => {
  const g = new Builder();
  const graph = g.build([{ name: 'y', value: g.reshape(g.input('images', from), to) }]);
  const nodes = nodesOf(toTfjs({ graph, weights: new Map() }, { name: 'reshape', metadata: {} }));
  expect(nodes.filter(({ op }) => op === 'Transpose')).toHaveLength(1 + turned);
});

/** A graph with every kind of node that the layout touches. */
function tiny(): BoundGraph {
  const g = new Builder();
  const images = g.input('images', ['batch', 2, 4, 4]);
  const bound = new Map<Value, { name: string; data: Float32Array }>();
  const weight = (name: string, shape: readonly number[]): Value => {
    const value = g.input(name, shape);
    bound.set(value, { name, data: Float32Array.from(random(shape, bound.size + 1).data) });
    return value;
  };
  const stem = g.within('stem', () =>
    g.relu(g.conv2d(images, weight('stem/weight', [4, 2, 3, 3]), { padding: 1 })),
  );
  const cell = g.within('cells.0/node2', () => {
    const options = { stride: 2, padding: 2, dilation: 2, groups: 4 };
    const dilated = g.conv2d(stem, weight('cells.0/weight', [4, 1, 3, 3]), options);
    return g.sum([dilated, g.averagePool2d(stem, { kernel: 3, stride: 2, padding: 1 })]);
  });
  const logits = g.within('classifier', () => {
    const features = g.globalAveragePool(cell);
    return g.matMul(features, weight('classifier/weight', [3, 4]), false, true);
  });
  return { graph: g.build([{ name: 'logits', value: logits }]), weights: bound };
}

it('prints as the golden', async () => {
  const lines = nodesOf(toTfjs(tiny(), { name: 'tiny', metadata: {} })).map(
    ({ name, op, input = [], attr }) => {
      const attributes = Object.entries(attr).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      return `${name} = ${op}(${input.join(', ')}) ${attributes.join(' ')}\n`;
    },
  );
  await expect(lines.join('')).toMatchFileSnapshot('goldens/tfjs-tiny.txt');
});

describe('odd names', () => {
  it('are made valid and unique', async () => {
    const g = new Builder();
    const x = g.input('images', [1, 3]);
    const [a, b] = ['^a b:0', '^a b_0'].map((path) => g.within(path, () => g.relu(x)));
    const sum = g.within('-', () => g.add(a!, b!));
    const graph = g.build([
      { name: 'logits', value: sum },
      { name: 'same', value: sum },
      { name: 'images', value: x },
    ]);
    const model = toTfjs({ graph, weights: new Map() }, { name: 'odd', metadata: {} });
    expect(nodesOf(model).map(({ name }) => name)).toEqual([
      'images',
      '_a_b_0/Relu',
      '_a_b_0/Relu_1',
      '-/AddV2',
      'logits',
      'same',
      'images_1',
    ]);
    const feeds = { images: random([1, 3]) };
    const outputs = await runGraphModel(model, feeds);
    for (const [name, values] of Object.entries(interpret(graph, feeds)))
      expectClose(outputs[name], values, allowedDeparture(values), name);
  });
});

function refusal(model: BoundGraph, metadata: Readonly<Record<string, string>> = {}): GenonnxError {
  try {
    toTfjs(model, { name: 'refused', metadata });
  } catch (error) {
    if (error instanceof GenonnxError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

function isCaseOperation(name: string): name is CaseOperation {
  return name in operationCases;
}

describe('what cannot run in TensorFlow.js is refused', () => {
  const training = Object.keys(operationCases).filter(
    (name): name is CaseOperation => isCaseOperation(name) && rules[name] === unsupported,
  );

  function expectRefusal<K extends CaseOperation>(op: K): void {
    const operationCase = operationCases[op].find(({ inputs }) =>
      inputs.every(({ dtype }) => dtype === undefined),
    );
    if (operationCase === undefined) return;
    const { graph } = caseGraph(op, operationCase);
    const { code, message, details } = refusal({ graph, weights: new Map() });
    expect(code).toBe('graph');
    expect(message).toContain(op);
    expect(details.where).toBe('cells.0/node1');
  }

  it.each(training)('%s', (op) => {
    expectRefusal(op);
  });

  it('a region', () => {
    const g = new Builder();
    const x = g.input('images', [1, 3]);
    const gates = g.constant([1], [1], 'float32');
    const settings = { gates, backwardGates: gates, gateIndex: 0 };
    const y = g.within('cells.1', () => g.region(settings, [x], (body, [inner]) => body.relu(inner!)));
    const graph = g.build([{ name: 'logits', value: y }]);
    expect(refusal({ graph, weights: new Map() }).details).toMatchObject({
      where: 'cells.1',
      found: 'region',
    });
  });

  it('groups of several channels', () => {
    const g = new Builder();
    const x = g.input('images', [1, 4, 5, 5]);
    const weight = g.input('w', [6, 2, 3, 3]);
    const y = g.within('cells.2', () => g.conv2d(x, weight, { groups: 2 }));
    const data = Float32Array.from(random(fixedShape(weight.shape, 'w')).data);
    const model = {
      graph: g.build([{ name: 'y', value: y }]),
      weights: new Map([[weight, { name: 'w', data }]]),
    };
    expect(refusal(model)).toMatchObject({ code: 'graph', details: { where: 'cells.2', found: '2 groups' } });
  });

  it('a kernel that is calculated', () => {
    const g = new Builder();
    const x = g.input('images', [1, 2, 5, 5]);
    const weight = g.input('w', [6, 2, 3, 3]);
    const y = g.within('cells.2', () => g.conv2d(x, g.relu(weight)));
    const graph = g.build([{ name: 'y', value: y }]);
    expect(refusal({ graph, weights: new Map() })).toMatchObject({
      code: 'graph',
      details: { where: 'cells.2' },
    });
  });

  it('an input of truth values', () => {
    const g = new Builder();
    const graph = g.build([{ name: 'y', value: g.reshape(g.input('gates', [4], 'bool'), [2, 2]) }]);
    expect(refusal({ graph, weights: new Map() })).toMatchObject({
      code: 'graph',
      details: { where: 'gates' },
    });
  });

  it('a loop, and says which model has none', () => {
    const { bound } = languageExport('sequence');
    expect(refusal(bound)).toMatchObject({
      code: 'graph',
      details: { found: 'scan', cure: expect.stringContaining('one word a time') },
    });
  });

  it.each(['signature', 'structuredOutputKeys'])('the metadata key %s', (key) => {
    expect(refusal(tiny(), { [key]: 'x' })).toMatchObject({ code: 'usage', details: { found: key } });
  });

  it('but not what no output needs', () => {
    const g = new Builder();
    const x = g.input('images', [1, 3]);
    g.neg(x);
    const graph = g.build([{ name: 'y', value: g.relu(x) }]);
    const ops = nodesOf(toTfjs({ graph, weights: new Map() }, { name: 'pruned', metadata: {} })).map(
      ({ op }) => op,
    );
    expect(ops).toEqual(['Placeholder', 'Relu', 'Identity']);
  });
});
