// An exported language model on a text: its perplexity is that of the training graph, whatever the columns.
import { describe, expect, it } from 'vitest';
import { batchify } from '../../../src/data/text/columns.js';
import { testLanguageModel } from '../../../src/deploy/language-on-data.js';
import { evaluate } from '../../../src/loop/programs.js';
import { initialState } from '../../../src/networks/initial-state.js';
import { stateLayout } from '../../../src/networks/step.js';
import { openStream } from '../../../src/random.js';
import { recurrentZooEntry } from '../../../src/spaces/zoo.js';
import { languageMeasures } from '../../../src/tasks/language/measures.js';
import { languageEvaluation } from '../../../src/tasks/language/networks.js';
import { shipLanguageModel } from '../../../src/tasks/language/ship.js';
import { windowsInOrder } from '../../../src/tasks/language/window-batches.js';
import { interpreterEngine } from '../../support/interpreter-engine.js';
import { defined } from '../../support/tensors.js';

const vocabulary = ['<eos>', 'a', 'b', 'c', 'd'];
const network = {
  genotype: recurrentZooEntry('DARTS_V2_RNN').genotype,
  words: vocabulary.length,
  width: 6,
  combination: 'mean',
} as const;
const tokens = Uint32Array.from({ length: 47 }, (_, i) => (i * i + 3 * i) % vocabulary.length);

describe('the perplexity of an exported language model', () => {
  it.each([1, 3])('is that of the training graph, in %d columns', async (batch) => {
    const columns = batchify(tokens, batch);
    const step = languageEvaluation(network, batch, 'test');
    const arrays = initialState(step.state, openStream(1, 'weights'));
    const engine = interpreterEngine();
    const state = await engine.createState(stateLayout(step.state));
    for (const [name, { data }] of Object.entries(arrays)) await state.write(name, Float32Array.from(data));
    const program = await engine.prepare(step.program, state);
    const scores = (await evaluate(program, windowsInOrder(columns, 7), languageMeasures)).scores();

    const origin = { vocabulary, seed: 1, dataset: 'a text', toolVersion: '0.0.0', scores };
    const [model] = shipLanguageModel(network, arrays, origin).files;
    const found = await testLanguageModel(Buffer.from(defined(model).data), columns, {
      bptt: 5,
      width: network.width,
      threads: 1,
    });
    expect(found.words).toBe((columns.rows - 1) * batch);
    expect(found.perplexity).toBeCloseTo(defined(scores.perplexity), 3);
  });
});
