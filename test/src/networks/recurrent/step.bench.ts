// Steps of language models at the published sizes on ONNX Runtime: a training step of DARTS's cell for Penn Treebank (width 850,
// batch 64, 35 words, a vocabulary of 10,000), and a weight step of the recurrent supernet (width 300, batch 256), with every edge open
// or with those of four operations a node.
//
//   npx vitest bench --run test/src/networks/recurrent/step.bench.ts
//   STEP_THREADS=1 npx vitest bench --run test/src/networks/recurrent/step.bench.ts
//
// Says how long lowering and session took, and the peak memory of the process so far.
import os from 'node:os';
import process from 'node:process';
import { bench } from 'vitest';
import type { Optimizer } from '../../../../graphs/optimizers/optimizer.js';
import { batchify } from '../../../../src/data/text/columns.js';
import type { Feeds } from '../../../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import { writeState } from '../../../../src/engines/transfer.js';
import { METHOD_TABLE } from '../../../../src/estimators/methods.js';
import { initialState } from '../../../../src/networks/initial-state.js';
import { weightStep } from '../../../../src/networks/search-programs.js';
import { type Step, stateLayout } from '../../../../src/networks/step.js';
import { optimizerOf } from '../../../../src/optimizers/weight-settings.js';
import { openStream } from '../../../../src/random.js';
import { RECURRENT_SPACE } from '../../../../src/spaces/recurrent.js';
import { entryCount } from '../../../../src/spaces/search-space.js';
import { recurrentZooEntry } from '../../../../src/spaces/zoo.js';
import { edgeFeeds } from '../../../../src/tasks/language/edge-feeds.js';
import { languageStep, languageSupernet } from '../../../../src/tasks/language/networks.js';
import { languageSearchPresets } from '../../../../src/tasks/language/search-settings.js';
import { languageTrainingPresets } from '../../../../src/tasks/language/training-settings.js';
import {
  regularisationOf,
  type WindowSettings,
  windowBatches,
} from '../../../../src/tasks/language/window-batches.js';

const threads = Number(process.env.STEP_THREADS ?? os.availableParallelism());
const engine = createNodeOrtEngine({ layout: { kind: 'portable' }, threads, worker: false });
const [words, length] = [10_000, 35];

/** A window of words by chance, with masks as they are drawn. */
function feedsOf(batch: number, settings: WindowSettings): Feeds {
  const stream = openStream(1, 'words');
  const tokens = Uint32Array.from({ length: batch * (length + 1) }, () => stream.integer(words));
  const source = windowBatches({
    columns: batchify(tokens, batch),
    words,
    seed: 1,
    streams: { windows: 'windows', masks: 'masks' },
    draw: () => [{ start: 0, length, rateFactor: 1 }],
    settings,
  });
  return source.next(0).feeds;
}

async function timed(name: string, step: Step, feeds: Feeds): Promise<void> {
  const layout = stateLayout(step.state);
  const state = await engine.createState(layout);
  await writeState(state, layout, initialState(step.state, openStream(1, 'weights')));
  const program = await engine.prepare(step.program, state);
  const rate = { learningRate: { shape: [1], data: Float32Array.of(1) } };
  await program.run({ ...feeds, ...rate });
  process.stdout.write(
    `${name}: lowering ${program.loweringMs.toFixed(0)} ms, session ${program.sessionMs.toFixed(0)} ms, peak memory ${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GiB\n`,
  );
  bench(
    name,
    async () => {
      await program.run({ ...feeds, ...rate });
    },
    { iterations: 5, warmupIterations: 0, time: 0, warmupTime: 0 },
  );
}

const training = languageTrainingPresets.ptb;
const sgd: Optimizer = optimizerOf(training.weights);
const { genotype } = recurrentZooEntry('DARTS_V2_RNN');
const network = { genotype, words, width: training.width, combination: training.combination };
await timed(
  'training step, 850',
  languageStep(network, training.batch, regularisationOf(training), sgd),
  feedsOf(training.batch, training),
);

const search = languageSearchPresets.ptb;
const supernet = languageSupernet({
  ...search,
  space: RECURRENT_SPACE,
  words,
  regularisation: regularisationOf(search),
});
const entries = entryCount(RECURRENT_SPACE);
const everything = {
  code: new Float64Array(entries).fill(0.2),
  forwardGates: new Uint8Array(entries).fill(1),
  backwardGates: new Uint8Array(entries).fill(1),
};
const sampled = METHOD_TABLE.egs
  .create(RECURRENT_SPACE, 'weights', search)
  .sample(new Float64Array(entries), openStream(1, 'gumbel'), 1);
for (const [name, code] of [
  ['weight step of the supernet, four operations a node', sampled],
  ['weight step of the supernet, everything open', everything],
] as const) {
  const step = weightStep(supernet, optimizerOf(search.weights));
  await timed(name, step, { ...feedsOf(search.batch, search), ...edgeFeeds(RECURRENT_SPACE, code) });
}
