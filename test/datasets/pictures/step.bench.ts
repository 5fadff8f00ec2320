// A training step of the ImageNet network (DATA M = 7, 14 cells, C = 48, batch 8) on ONNX Runtime, with the same batch again and again,
// and with pictures of 500x375 that are read, cropped and changed meanwhile, as a training has them.
//
//   npm run build && npx vitest bench --run test/datasets/pictures/step.bench.ts
//   STEP_THREADS=1 STEP_WORKERS=1 npx vitest bench --run test/datasets/pictures/step.bench.ts
//
// Says how long steps waited for their batches, and the peak memory of the process so far.
import { mkdtemp, rm } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, bench } from 'vitest';
import { openImages } from '../../../datasets/index.js';
import { defaultWorkers } from '../../../datasets/pictures/reader.js';
import { copyFeeds } from '../../../src/engines/copy-feeds.js';
import { createNodeOrtEngine } from '../../../src/engines/ort/node.js';
import { writeState } from '../../../src/engines/transfer.js';
import { DataWait } from '../../../src/loop/data-wait.js';
import { rateFeed } from '../../../src/loop/programs.js';
import { initialState } from '../../../src/networks/initial-state.js';
import { stateLayout } from '../../../src/networks/step.js';
import { optimizerOf } from '../../../src/optimizers/weight-settings.js';
import { openStream } from '../../../src/random.js';
import { printGenotype } from '../../../src/spaces/print.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { resolveTraining } from '../../../src/tasks/classification/resolve-training.js';
import { classificationTraining } from '../../../src/tasks/classification/training.js';
import { makePhotos } from '../../support/make-photos.mjs';

const threads = Number(process.env.STEP_THREADS ?? os.availableParallelism());
const workers = Number(process.env.STEP_WORKERS ?? defaultWorkers);
const folder = await mkdtemp(join(tmpdir(), 'genonnx-bench-photos-'));
await makePhotos(folder, { count: 80, classes: 2, width: 500, height: 375 });

const dataset = await openImages(folder, { workers });
const genotype = printGenotype(zooEntry('DATA_M7').genotype);
const given = { genotype, network: 'imagenet', data: folder, batch: 8 } as const;
const settings = resolveTraining({ preset: 'imagenet', given, threads });
const problem = classificationTraining(settings, dataset, 'bench');
const engine = createNodeOrtEngine({ layout: { kind: 'blocked', block: 16 }, threads, worker: true });
afterAll(async () => {
  await engine.dispose();
  await dataset.close?.();
  await rm(folder, { recursive: true, force: true });
});

const step = problem.step(optimizerOf(settings.weights));
const layout = stateLayout(step.state);
const state = await engine.createState(layout);
await writeState(state, layout, initialState(step.state, openStream(1, 'weights')));
const program = await engine.prepare(step.program, state);
const source = problem.batches(undefined);
const first = await source.next(0);
const rate = 1e-4;
const options = { iterations: 20, time: 0, warmupIterations: 3, warmupTime: 0 };

bench(
  'a step with one batch',
  async () => {
    // Feeds are handed over to the engine's thread.
    await program.run({ ...copyFeeds(first.feeds), ...rateFeed(rate, first) });
  },
  options,
);

const wait = new DataWait();
let [epoch, began] = [0, performance.now()];
bench(
  'a step with pictures that are read',
  async () => {
    const batch = await wait.during(() => source.next(epoch));
    if (batch.done === 1) epoch += 1;
    await program.run({ ...batch.feeds, ...rateFeed(rate, batch) });
  },
  {
    ...options,
    setup() {
      wait.shareOf(1);
      began = performance.now();
    },
    teardown(_, mode) {
      const share = wait.shareOf((performance.now() - began) / 1000);
      if (mode === 'run')
        console.log(
          `waited for ${(100 * share).toFixed(2)} % of the time; at most ${Math.round(process.resourceUsage().maxRSS / 1000)} MB so far`,
        );
    },
  },
);
