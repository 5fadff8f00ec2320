// How far apart the same search gets, step by step: on onnxruntime-web (as the lab has it) and on onnxruntime-node, both in the portable
// layout; on onnxruntime-node in its own two layouts, where there are two; and on onnxruntime-node twice, where one weight of the one
// begins larger by a rounding. `lab-steps.test.ts` has each step begin from the same state.
//
//   npm run build && node test/pages/lab-agreement.mjs [cells] [channels] [batch] [seed]      (3 4 16 1 by default)
import process from 'node:process';
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { loadDataset } from '../../dist/datasets/index.js';
import { probeBlockSize } from '../../dist/src/engines/ort/block-size.js';
import {
  createOrtEngine,
  createRun,
  directChannel,
  MemoryFiles,
  OrtHost,
  searchedTasks,
  searchInStore,
} from '../../dist/src/entries/browser.js';

const [cells = 3, channels = 4, batch = 16, seed = 1] = process.argv.slice(2).map(Number);
const { search } = searchedTasks.classification;
// One step an epoch, so that journals tell each step.
const limit = 2 * batch;
const data = await loadDataset('fashion-mnist', { limit });
const given = { cells, channels, batch, seed, limit, epochs: 20 };
const recipe = search.resolve({ preset: 'small', given, threads: 1 });
ortWeb.env.wasm.numThreads = 1;

/** @param nudged of the first weight, the share by which it begins larger. */
async function searched(ort, layout, nudged = 0) {
  const host = new OrtHost(ort, { fillsOutputs: ort === ortNode });
  const engine = createOrtEngine({
    channel: directChannel(host),
    runtime: 'onnxruntime',
    layout,
    threads: 1,
  });
  const { createState } = engine;
  engine.createState = async (of) => {
    const state = await createState.call(engine, of);
    const { write } = state;
    state.write = (name, data) => {
      if (name === 'parameters') data[0] *= 1 + nudged;
      return write.call(state, name, data);
    };
    return state;
  };
  const epochs = [];
  const hooks = { epoch: (record) => epochs.push(record), progress() {}, stopped: () => false };
  const inputs = { recipe, problem: search.problem(recipe, data), engine };
  const { alphas } = await searchInStore(await createRun(new MemoryFiles(), recipe), inputs, hooks);
  await engine.dispose();
  return { epochs, alphas };
}

const apart = (a, b) => Math.max(...Array.from(a, (value, at) => Math.abs(value - b[at])));
const losses = ({ train, validation }) => [train.loss, validation.loss];

function print(title, found, reference) {
  console.log(`${title}: differences of losses after steps 1, 2, ... 20`);
  console.log(
    found.epochs
      .map((epoch, at) => apart(losses(epoch), losses(reference.epochs[at])).toExponential(0))
      .join(' '),
  );
  console.log(`of alphas after the last: ${apart(found.alphas, reference.alphas).toExponential(0)}`);
}

const reference = await searched(ortNode, { kind: 'portable' });
print('web and node', await searched(ortWeb, { kind: 'portable' }), reference);
const rounding = 2 ** -23;
print(
  `both in node, one weight larger by a share of ${rounding.toExponential(0)}`,
  await searched(ortNode, { kind: 'portable' }, rounding),
  reference,
);
const block = await probeBlockSize(ortNode);
if (block !== undefined)
  print('blocked and portable, both in node', await searched(ortNode, { kind: 'blocked', block }), reference);
