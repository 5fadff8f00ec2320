// A search and a training with nothing but what `genonnx/browser` has, and the runtime for browsers: in memory, on WASM.
import * as ort from 'onnxruntime-web';
import { expect, it } from 'vitest';
import {
  createOrtEngine,
  createRun,
  directChannel,
  inspect,
  MemoryFiles,
  OrtHost,
  printGenotype,
  searchedTasks,
  searchInStore,
  trainInStore,
} from '../../../src/entries/browser.js';
import { smallDataset } from '../deploy/quantize/small-dataset.js';

const { search, training } = searchedTasks.classification;
const data = smallDataset();
const tiny = { data: data.name, cells: 1, channels: 2, batch: 4, epochs: 1, seed: 2 };

it('searches and trains where there is neither Node nor a native runtime', { timeout: 120_000 }, async () => {
  const engine = createOrtEngine({
    channel: directChannel(new OrtHost(ort, { fillsOutputs: false })),
    runtime: 'onnxruntime-web',
    layout: { kind: 'portable' },
    threads: 1,
  });
  const told: string[] = [];
  const hooks = {
    epoch: ({ epoch }: { readonly epoch: number }) => told.push(`epoch ${epoch}`),
    progress: () => {},
    stopped: () => false,
  };
  const sought = search.resolve({ preset: 'small', given: { ...tiny, mode: 'joint' }, threads: 1 });
  const found = await searchInStore(
    await createRun(new MemoryFiles(), sought),
    { recipe: sought, problem: search.problem(sought, data), engine },
    hooks,
  );
  const genotype = printGenotype(found.genotype);

  const settings = training.resolve({
    preset: 'small',
    given: { ...tiny, genotype, validationShare: 0.4 },
    threads: 1,
  });
  const run = await createRun(new MemoryFiles(), settings);
  const results = await trainInStore(
    run,
    { recipe: settings, problem: training.problem(settings, data), engine },
    hooks,
  );
  expect(told).toEqual(['epoch 1', 'epoch 1']);
  expect(results?.testExamples).toBe(data.test.count);
  const { metadata, parameters } = inspect((await run.read('model.onnx')) ?? new Uint8Array());
  expect(metadata.genotype).toBe(genotype);
  expect(parameters).toBe(results?.figures.parameters);
  await engine.dispose();
});
