// A training step of the paper's ImageNet network (14 cells, C = 48, 1000 classes, auxiliary head) of 8 images, alone and with its
// pictures: JPEGs of 500x375, decoded, cropped and with other colours, ahead of the engine on threads of their own.
//
//   npm run build && npx vitest bench --run test/src/tasks/classification/imagenet-step.bench.ts
//   STEP_THREADS=1 STEP_WORKERS=1 npx vitest bench --run test/src/tasks/classification/imagenet-step.bench.ts
//
// Both are timed in turn, step by step, since machines are not the same from one minute to the next; medians are printed, and the
// peak memory of the process.
import { mkdtemp, rm } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, bench, describe } from 'vitest';
import { openImages } from '../../../../datasets/index.js';
import { defaultWorkers } from '../../../../datasets/pictures/reader.js';
import { copyFeeds } from '../../../../src/engines/copy-feeds.js';
import type { Feeds } from '../../../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import { writeState } from '../../../../src/engines/transfer.js';
import { resolveLayout } from '../../../../src/library/layout.js';
import { initialState } from '../../../../src/networks/initial-state.js';
import { stateLayout } from '../../../../src/networks/step.js';
import { optimizerOf } from '../../../../src/optimizers/weight-settings.js';
import { quantiles } from '../../../../src/quantiles.js';
import { openStream } from '../../../../src/random.js';
import { printGenotype } from '../../../../src/spaces/print.js';
import { zooEntry } from '../../../../src/spaces/zoo.js';
import { batchForm, imageBatches } from '../../../../src/tasks/classification/image-batches.js';
import { resolveTraining } from '../../../../src/tasks/classification/resolve-training.js';
import { childTraces } from '../../../../src/tasks/classification/training.js';
import { makePhotos } from '../../../support/make-photos.mjs';

const threads = Number(process.env.STEP_THREADS ?? os.availableParallelism());
const workers = Number(process.env.STEP_WORKERS ?? defaultWorkers);
const folder = await mkdtemp(join(tmpdir(), 'genonnx-bench-imagenet-'));
await makePhotos(folder, { count: 64, classes: 4, width: 500, height: 375 });
const photos = await openImages(folder, { workers });
// As many classes as ImageNet has, of which the pictures are some.
const classes = Array.from({ length: 1000 }, (_, k) => photos.classes[k] ?? `class ${k}`);
const dataset = { ...photos, classes };
const given = { genotype: printGenotype(zooEntry('DATA_M7').genotype), data: folder, batch: 8 };
const config = resolveTraining({ preset: 'imagenet', given, threads });

const engine = createNodeOrtEngine({ layout: await resolveLayout('auto', () => {}), threads, worker: true });
const step = childTraces(config, dataset).step(optimizerOf(config.weights));
const layout = stateLayout(step.state);
const state = await engine.createState(layout);
await writeState(state, layout, initialState(step.state, openStream(1, 'weights')));
const program = await engine.prepare(step.program, state);
const indices = Uint32Array.from({ length: photos.train.count }, (_, i) => i);
const batches = imageBatches(
  { ...batchForm(dataset, config), set: dataset.train, indices },
  'train-batches',
  config,
);
const { feeds: first } = await batches.next(0);

/** An engine takes over what it is fed. */
const run = (feeds: Feeds) =>
  program.run({ ...feeds, learningRate: { shape: [1], data: Float32Array.of(0.01) } });

afterAll(async () => {
  await engine.dispose();
  await photos.close?.();
  await rm(folder, { recursive: true, force: true });
});

const [alone, withPictures, waited]: [number[], number[], number[]] = [[], [], []];

async function timed(work: () => Promise<unknown>, timesMs: number[]): Promise<void> {
  const began = performance.now();
  await work();
  timesMs.push(performance.now() - began);
}

describe('an ImageNet step of 8 images', () => {
  bench(
    'alone, and then with its pictures',
    async () => {
      await timed(() => run(copyFeeds(first)), alone);
      await timed(async () => {
        const began = performance.now();
        const { feeds } = await batches.next(0);
        waited.push(performance.now() - began);
        await run(feeds);
      }, withPictures);
    },
    {
      iterations: 25,
      time: 0,
      warmupIterations: 3,
      warmupTime: 0,
      setup: () => {
        for (const times of [alone, withPictures, waited]) times.length = 0;
      },
      teardown: (_task, mode) => {
        if (mode !== 'run') return;
        const ms = (times: readonly number[]) => `${quantiles(times)(0.5).toFixed(1)} ms`;
        const ratios = withPictures.map((time, i) => time / (alone[i] ?? Number.NaN));
        process.stdout.write(
          `alone ${ms(alone)}, with its pictures ${ms(withPictures)}, of which it waited for them ${ms(waited)}; ${quantiles(ratios)(0.5).toFixed(3)} times as long (medians, the last one of pairs); at most ${Math.round(process.resourceUsage().maxRSS / 1000)} MB\n`,
        );
      },
    },
  );
});
