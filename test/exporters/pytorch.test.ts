// Exported modules in PyTorch against the float64 interpreter and against what the released definitions computed. All of
// them run in one Python, before the tests; where there is no PyTorch the tests say so.
import { sample, string } from 'fast-check';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { toPyTorch } from '../../exporters/pytorch.js';
import type { Tensor } from '../../graphs/interpret/interpret.js';
import { decodeSafetensors } from '../../graphs/safetensors.js';
import { matchWeights, type NamedWeights } from '../../src/deploy/match-weights.js';
import type { ConvolutionalGenotype, ConvolutionalOperation } from '../../src/spaces/convolutional.js';
import type { CellGenotype } from '../../src/spaces/genotype.js';
import { parseGenotype } from '../../src/spaces/parse.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { readFixture, readFixtureText, tensorOf } from '../support/fixtures.js';
import { caseImages, type ExportCase, expectedOutputs, exportCase } from './export-case.js';
import { exportedFiles, type ModuleRun, runModules, runPyTorch } from './runners/pytorch.js';

const dartsV2 = zooEntry('DARTS_V2').genotype;
const dataM7 = zooEntry('DATA_M7').genotype;

const operations: Readonly<Record<ConvolutionalOperation, true>> = {
  max_pool_3x3: true,
  avg_pool_3x3: true,
  skip_connect: true,
  sep_conv_3x3: true,
  sep_conv_5x5: true,
  sep_conv_7x7: true,
  dil_conv_3x3: true,
  dil_conv_5x5: true,
  conv_7x1_1x7: true,
};

/** Every operation on an input of the cell (stride 2 in a reduction) and on its first node (stride 1). */
function everyOperation(): ConvolutionalGenotype {
  const names = Object.keys(operations).filter((name): name is ConvolutionalOperation => name in operations);
  const from = (input: number) => names.map((primitive) => ({ primitive, input }));
  const cell: CellGenotype<ConvolutionalOperation> = {
    nodes: [from(0), from(2), [{ primitive: 'skip_connect', input: 1 }]],
    concat: [2, 3, 4],
  };
  return { normal: cell, reduce: cell };
}

/** Five nodes, of which some are outputs, in an order of their own. */
const subset: ConvolutionalGenotype = {
  normal: {
    nodes: [
      [{ primitive: 'sep_conv_3x3', input: 0 }],
      [
        { primitive: 'avg_pool_3x3', input: 2 },
        { primitive: 'skip_connect', input: 1 },
      ],
      [{ primitive: 'max_pool_3x3', input: 3 }],
    ],
    concat: [4, 2],
  },
  reduce: {
    nodes: [
      [{ primitive: 'skip_connect', input: 1 }],
      [{ primitive: 'skip_connect', input: 2 }],
      [{ primitive: 'dil_conv_3x3', input: 0 }],
    ],
    concat: [3],
  },
};

const cases: Readonly<Record<string, ExportCase>> = {
  DARTS_V2: exportCase(dartsV2, { image: { channels: 3, height: 16, width: 24 } }),
  'DATA_M7 with auxiliary head': exportCase(dataM7, {
    image: { channels: 3, height: 32, width: 32 },
    cells: 4,
    auxiliary: true,
  }),
  'DATA_M7 for ImageNet': exportCase(dataM7, {
    name: 'imagenet',
    image: { channels: 3, height: 64, width: 64 },
    cells: 4,
  }),
  'DARTS_V2 for ImageNet with auxiliary head': exportCase(dartsV2, {
    name: 'imagenet',
    image: { channels: 3, height: 224, width: 256 },
    initChannels: 2,
    auxiliary: true,
  }),
  'every operation': exportCase(everyOperation()),
  'a subset concatenated': exportCase(subset, { cells: 6 }),
  'one image channel, reductions only': exportCase(dataM7, {
    image: { channels: 1, height: 16, width: 16 },
    cells: 2,
  }),
};

const fixtures = [
  { name: 'darts-v2-cifar', network: 'cifar', cells: 8, classes: 10, extent: 32, auxiliary: false },
  { name: 'data-m7-cifar-auxiliary', network: 'cifar', cells: 6, classes: 10, extent: 32, auxiliary: true },
  { name: 'data-m7-imagenet', network: 'imagenet', cells: 6, classes: 20, extent: 64, auxiliary: false },
] as const;

/** What the released definitions saved, exported again. */
function fixtureFiles({ name, network, cells, classes, extent, auxiliary }: (typeof fixtures)[number]) {
  const genotype = parseGenotype(readFixtureText(name));
  const image = { channels: 3, height: extent, width: extent };
  const weights = [...readFixture(`${name}.weights`)].map(([key, { shape, data }]) => ({
    name: key,
    shape,
    data: Float32Array.from(data),
  }));
  const sizes = { name: network, cells, initChannels: 4, classes, image, auxiliary };
  return toPyTorch({ network: sizes, genotype, weights, metadata: {} });
}

/** A small network whose weights and metadata are as odd as may be: only what is stored matters here. */
function oddCase(): ExportCase {
  const model = exportCase(subset);
  const [first, ...others] = model.data;
  const odd = Float32Array.from(first!);
  new Uint32Array(odd.buffer).set([0x80000000, 1, 0x7fc12345, 0xff800000]);
  const texts = sample(string({ unit: 'binary', maxLength: 40 }), { numRuns: 300, seed: 1 });
  const metadata = {
    ...Object.fromEntries(texts.map((text, i) => [`text ${i}`, text])),
    docstring: '"""\nimport os\n"""',
    slashes: 'C:\\new\\N{DASH}\\',
    quotes: `it's "both"`,
    hidden: 'left\u202eright\u2028\u0085\u200b\r\t\0\ud800 \u{1f600}',
    'key "\'\\\n{}': '{braces} %s',
    long: 'Nützliche 模型, "quoted", \\ and 🙂 '.repeat(40),
  };
  return { ...model, data: [odd, ...others], metadata };
}

const odd = oddCase();

/** Two images, and what the interpreter has for them. */
const batch = 2;
const images = Object.fromEntries(
  Object.entries(cases).map(([name, model]) => [name, caseImages(model, batch)]),
);

let runs: ReadonlyMap<string, ModuleRun> | { readonly skipped: string };

beforeAll(async () => {
  const jobs = new Map([
    ...Object.entries(cases).map(
      ([name, model]) => [name, { files: exportedFiles(model), images: images[name]! }] as const,
    ),
    ...fixtures.map(
      (fixture) =>
        [
          fixture.name,
          { files: fixtureFiles(fixture), images: tensorOf(readFixture(`${fixture.name}.io`), 'input') },
        ] as const,
    ),
    ['odd', { files: exportedFiles(odd), images: caseImages(odd, 1) }] as const,
  ]);
  const all = await runModules([...jobs.values()]);
  runs = 'skipped' in all ? all : new Map([...jobs.keys()].map((name, i) => [name, all[i]!]));
}, 240_000);

/** What a module did, or the end of a test that cannot know. */
function runOf(name: string, context: TestContext): ModuleRun {
  if ('skipped' in runs) return context.skip(runs.skipped);
  return runs.get(name)!;
}

function expectClose(actual: Tensor | undefined, expected: Tensor): void {
  expect(actual?.shape).toEqual(expected.shape);
  const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const departure = expected.data.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - actual!.data[i]!)),
    0,
  );
  expect(largest).toBeGreaterThan(0.01);
  expect(departure).toBeLessThanOrEqual(1e-5 + 1e-4 * largest);
}

function bits(data: Float32Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** That `stored` holds the weights of `model` to the last bit, and nothing else. */
function expectSameWeights({ inference, data }: ExportCase, stored: NamedWeights): void {
  const matched = matchWeights(inference.weights, stored);
  const changed = matched.flatMap((values, i) =>
    bits(values).equals(bits(data[i]!)) ? [] : [inference.weights[i]!.name],
  );
  expect(changed).toEqual([]);
}

/** Tensors of float32. */
function floats(tensors: ReturnType<typeof decodeSafetensors>['tensors']): NamedWeights {
  return new Map(
    [...tensors].flatMap(([name, tensor]) => (tensor.dtype === 'F32' ? [[name, tensor] as const] : [])),
  );
}

describe.each(Object.entries(cases))('the PyTorch module of %s', (name, model) => {
  it('computes what the interpreter computes', (context) => {
    const { outputs } = runOf(name, context);
    const expected = expectedOutputs(model.bound, images[name]!);
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(expected).sort());
    for (const [output, values] of Object.entries(expected)) expectClose(outputs[output], values);
  });

  it('says its shapes and its number of parameters', (context) => {
    const { printed, training } = runOf(name, context);
    const { network, inference } = model;
    const { channels, height, width } = network.image;
    const lines = [`images: [2, ${channels}, ${height}, ${width}]`, `logits: [2, ${network.classes}]`];
    if (network.auxiliary) lines.push(`auxiliary logits: [2, ${network.classes}]`);
    lines.push(`parameters: ${inference.parameters}`);
    if (network.auxiliary) lines.push(`parameters of the auxiliary head: ${inference.auxiliaryParameters}`);
    expect(printed).toBe(`${lines.join('\n')}\n`);
    expect(training).toBe(false);
  });
});

describe.each(fixtures)('the PyTorch module of the fixture $name', ({ name, auxiliary }) => {
  it('gives the outputs of the released definitions', (context) => {
    const { outputs } = runOf(name, context);
    const io = readFixture(`${name}.io`);
    for (const output of auxiliary ? ['logits', 'auxiliaryLogits'] : ['logits'])
      expectClose(outputs[output], tensorOf(io, output));
  });

  it('has the state dict that they saved', (context) => {
    const { state } = runOf(name, context);
    const saved = readFixture(`${name}.weights`);
    expect(saved.size).toBeGreaterThan(100);
    for (const [key, { shape, data }] of saved) {
      expect(state.get(key)?.shape, key).toEqual(shape);
      if (!key.endsWith('.num_batches_tracked'))
        expect(Array.from(state.get(key)!.data, Number), key).toEqual(Array.from(data));
    }
  });
});

describe.each(Object.entries({ ...cases, odd }))('the exported weights of %s', (name, model) => {
  it('are stored to the last bit, with the metadata', () => {
    const file = exportedFiles(model).find(({ path }) => path === 'weights.safetensors');
    if (!(file?.content instanceof Uint8Array)) throw new Error('no weights');
    const { tensors, metadata } = decodeSafetensors(file.content, file.path);
    expectSameWeights(model, floats(tensors));
    expect(tensors.size).toBe(model.data.length);
    expect(Object.fromEntries(metadata)).toEqual(model.metadata);
  });

  it('come back from PyTorch to the last bit, as does a state dict that was saved', (context) => {
    const { state, unequalOnReload } = runOf(name, context);
    expectSameWeights(model, floats(state));
    const counters = [...state].filter(([key]) => key.endsWith('.num_batches_tracked'));
    expect(state.size).toBe(model.data.length + counters.length);
    expect(counters.every(([, { dtype, data }]) => dtype === 'I64' && data[0] === 0n)).toBe(true);
    expect(unequalOnReload).toEqual([]);
  });

  it('bring their metadata to Python, whatever it says', (context) => {
    const { moduleMetadata, fileMetadata } = runOf(name, context);
    const { genotype: _, network: __, ...rest } = model.metadata;
    expect(moduleMetadata).toEqual(rest);
    expect(fileMetadata).toEqual(model.metadata);
  });
});

it('a module refuses files that are cut short or lack a tensor', (context) => {
  const { errors } = runOf('DARTS_V2', context);
  expect(errors.short).toMatch(/^ValueError: .*short\.safetensors is cut short: \S+ should end at byte \d+$/);
  expect(errors.partial).toMatch(/Missing key.*"classifier\.bias"/);
});

it('one case runs by itself, too', async (context) => {
  const [name, model] = Object.entries(cases)[0]!;
  const outputs = await runPyTorch(model, images[name]!);
  if (typeof outputs.skipped === 'string') return context.skip(outputs.skipped);
  expect(outputs).toEqual(runOf(name, context).outputs);
});
