// Whether the package has room for what it does not know: a space with one cell type and one with three, a task that is no
// image classification, and an optimizer, all defined beside this file. They are searched, trained, killed, resumed, derived
// and exported by the package's own loops, stores, estimators and engine.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { toDot } from '../../exporters/dot.js';
import { interpret } from '../../graphs/interpret/interpret.js';
import type { Engine } from '../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../src/engines/ort/node.js';
import { parseAlphasFile } from '../../src/estimators/alphas-file.js';
import { METHOD_TABLE, METHODS, type MethodName } from '../../src/estimators/methods.js';
import { MemoryFiles } from '../../src/runs/memory-files.js';
import { createRun } from '../../src/runs/run-store.js';
import type { SearchEpoch } from '../../src/search/search.js';
import { searchInStore } from '../../src/search/search-run.js';
import type { Genotype } from '../../src/spaces/genotype.js';
import { parseGenotypeOf } from '../../src/spaces/parse.js';
import { printGenotypeOf } from '../../src/spaces/print.js';
import type { SearchSpace } from '../../src/spaces/search-space.js';
import { smallSearch } from '../../src/tasks/classification/search-settings.js';
import type { SearchRecipe, TrainingRecipe } from '../../src/tasks/recipes.js';
import type { TrainEpoch } from '../../src/train/train.js';
import { trainInStore } from '../../src/train/train-run.js';
import { watching, wholeAndKilled } from '../support/killed-runs.js';
import { boundNetwork, regressionMeasures, regressionSearch, regressionTraining } from './regression.js';
import { signDescent } from './sign-descent.js';
import { SOLO, TRIO, type VectorPrimitive } from './vector-spaces.js';

const layout = { kind: 'portable' } as const;
const engine: Engine = createNodeOrtEngine({ layout, threads: 1, worker: false });
afterAll(() => engine.dispose());

/** Of the package's settings only those that a loop reads; nothing in them is of images. */
const common = {
  threads: 1,
  engine: 'ort',
  layout: 'portable',
  checkpointSeconds: 0,
  seed: 4,
  weights: { ...smallSearch.weights, learningRate: 0.05 },
} as const;
const searching: SearchRecipe = {
  ...common,
  epochs: 3,
  method: 'egs',
  mode: 'alternating',
  samples: 2,
  scope: 'node',
  parameterisation: 'softmax',
  normalise: 'none',
  route: 'all',
  temperature: { start: 2, end: 1, epochs: 3 },
  trainFraction: 0.5,
  warmupEpochs: 0,
  alphas: { learningRate: 0.05, beta1: 0.5, beta2: 0.999, weightDecay: 0 },
  penalties: { entropy: 0.1, operations: 0.01, budget: 0 },
  stopOnSkips: false,
};
const training: TrainingRecipe = {
  ...common,
  epochs: 24,
  schedule: 'cosine',
  weights: { ...common.weights, learningRate: 0.02, finalLearningRate: 0.001 },
};

describe.each([
  ['one cell type', SOLO],
  ['three cell types', TRIO],
] as [string, SearchSpace<string, VectorPrimitive>][])('a space with %s and a regression', (_, space) => {
  const problem = regressionSearch(space, common.seed);
  const search = async (changes: Partial<SearchRecipe> = {}, records: SearchEpoch[] = []) => {
    const store = await createRun(new MemoryFiles(), {});
    const recipe = { ...searching, ...changes };
    const found = await searchInStore(store, { recipe, problem, engine }, watching(records));
    return { ...found, store };
  };
  const genotypeOf = (genotype: Genotype) => parseGenotypeOf(space, printGenotypeOf(space, genotype));

  it('is searched, and derives what its alphas stand for', { timeout: 60_000 }, async () => {
    const records: SearchEpoch[] = [];
    const { alphas, genotype, store } = await search({ epochs: 8 }, records);
    const names = space.cellTypes.map(({ name }) => name);
    expect(Object.keys(genotype)).toEqual(names);
    expect(Object.keys(records[0]!.entropy)).toEqual(names);
    const losses = records.map(({ train }) => train.loss!);
    expect(Math.min(...losses.slice(-2))).toBeLessThan(losses[0]!);
    for (const { validation } of records)
      expect(validation?.rootMeanSquare).toBeCloseTo(Math.sqrt(validation!.loss!), 5);

    expect(genotypeOf(genotype)).toEqual(genotype);
    const file = new TextDecoder().decode(await store.read('alphas.json'));
    const read = parseAlphasFile(space, file);
    expect(read.alphas).toEqual(alphas);
    const { egs } = METHOD_TABLE;
    if (!egs.learns) throw new Error('egs learns');
    expect(egs.derive(read.alphas, space, searching)).toEqual(genotype);
    expect(toDot(genotype)).toHaveLength(names.length);
  });

  it.each(METHODS)('is searched with %s', { timeout: 60_000 }, async (method: MethodName) => {
    const { options } = METHOD_TABLE[method];
    const { genotype } = await search({ ...options, method, epochs: 1 });
    for (const cellType of space.cellTypes) {
      const { nodes } = genotype[cellType.name]!;
      expect(nodes).toHaveLength(cellType.nodes);
      for (const { primitive, input } of nodes.flat()) {
        expect(cellType.primitives).toContain(primitive);
        expect(input).toBeLessThan(cellType.inputs + cellType.nodes);
      }
    }
  });

  it('ends with the same bytes when its search is killed', { timeout: 60_000 }, async () => {
    const { whole, cut } = await wholeAndKilled<SearchEpoch>([3, 5], (store, hooks) =>
      searchInStore(store, { recipe: searching, problem, engine }, hooks),
    );
    expect(Object.keys(whole)).toEqual(expect.arrayContaining(['alphas.json', 'genotype.json']));
    expect(cut).toEqual(whole);
  });

  it('trains with an optimizer of its own, killed or not, and ships what it learned', {
    timeout: 60_000,
  }, async () => {
    const { genotype } = await search({ epochs: 1 });
    const cells = genotypeOf(genotype);
    const of = regressionTraining(space, cells, common.seed, signDescent(0.9));
    const records: TrainEpoch[] = [];
    const { whole, cut } = await wholeAndKilled<TrainEpoch>([4, 9], (store, hooks) =>
      trainInStore(
        store,
        { recipe: training, problem: of, engine },
        { ...hooks, epoch: (record) => records.push(record) },
      ),
    );
    expect(cut).toEqual(whole);
    const { test } = JSON.parse(whole['results.json']!);
    const [{ name }] = regressionMeasures.metrics;
    const errors = records.map(({ validation }) => validation![name]!);
    expect(Math.min(...errors)).toBeLessThan(0.95 * errors[0]!);
    expect(test[name]).toBeLessThan(errors[0]!);

    // The best by a metric of which less is better, at the end of the file that was shipped.
    const model = Buffer.from(whole['model.onnx']!, 'latin1');
    const session = await ort.InferenceSession.create(model);
    const x = Float32Array.from({ length: 5 * 3 }, (_, i) => Math.sin(i));
    const { y } = await session.run({ x: new ort.Tensor('float32', x, [5, 3]) });
    await session.release();
    const store = await createRun(new MemoryFiles(), {});
    const shipped: { arrays?: Parameters<typeof of.ship>[0]['arrays'] } = {};
    const spying = {
      ...of,
      ship(trained: Parameters<typeof of.ship>[0]) {
        shipped.arrays = trained.arrays;
        return of.ship(trained);
      },
    };
    await trainInStore(store, { recipe: training, problem: spying, engine }, watching());
    const { graph, weights } = boundNetwork(space, cells, shipped.arrays!);
    const feeds = new Map([
      [graph.inputs[0]!, { shape: [5, 3], data: Float64Array.from(x) }],
      ...[...weights].map(
        ([value, { data }]) =>
          [value, { shape: value.shape.map(Number), data: Float64Array.from(data) }] as const,
      ),
    ]);
    const exact = interpret(graph, feeds).y!;
    expect(exact.data).toHaveLength(5);
    exact.data.forEach((value, i) => {
      expect(Number(y!.data[i])).toBeCloseTo(value, 5);
    });
  });
});

it('is known to no file of the package', () => {
  const own = ['solo', 'trio', 'rootMeanSquare', 'regression', 'sign-descent', 'signDescent'];
  const sources = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name));
  for (const file of [...sources('src'), ...sources('graphs')]) {
    const words = new Set(readFileSync(file, 'utf8').match(/[\w-]+/g));
    expect(
      own.filter((name) => words.has(name)),
      file,
    ).toEqual([]);
  }
});
