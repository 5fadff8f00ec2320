// The networks of language models as programs: how many parameters they have, by what the alphas are judged, and what a
// perplexity is.
import { describe, expect, it } from 'vitest';
import type { TextCorpus } from '../../../../datasets/text/text-corpus.js';
import { optimizers } from '../../../../graphs/optimizers/index.js';
import { totalSize } from '../../../../graphs/slots.js';
import { batchify } from '../../../../src/data/text/columns.js';
import { evaluate } from '../../../../src/loop/programs.js';
import { recurrentParameterCount } from '../../../../src/networks/recurrent/parameter-count.js';
import {
  architectureStep,
  evaluation,
  jointStep,
  searchState,
  weightStep,
} from '../../../../src/networks/search-programs.js';
import { type Step, stateLayout } from '../../../../src/networks/step.js';
import { RECURRENT_SPACE } from '../../../../src/spaces/recurrent.js';
import { entryCount } from '../../../../src/spaces/search-space.js';
import { RECURRENT_ZOO } from '../../../../src/spaces/zoo-recurrent.js';
import { languageMeasures, perplexity } from '../../../../src/tasks/language/measures.js';
import { languageEvaluation, languageSupernet } from '../../../../src/tasks/language/networks.js';
import { resolveLanguageSearch } from '../../../../src/tasks/language/resolve-search.js';
import { resolveLanguageTraining } from '../../../../src/tasks/language/resolve-training.js';
import { languageNetwork } from '../../../../src/tasks/language/training.js';
import { regularisationOf, windowsInOrder } from '../../../../src/tasks/language/window-batches.js';
import { interpreterEngine } from '../../../support/interpreter-engine.js';
import { defined } from '../../../support/tensors.js';

const published = resolveLanguageSearch({ preset: 'ptb', given: { data: './penn' }, threads: 1 });
const supernetOf = (words: number, width: number) =>
  languageSupernet({
    space: RECURRENT_SPACE,
    words,
    width,
    batch: 4,
    validationBatch: 2,
    regularisation: regularisationOf(published),
  });
const sgd = optimizers.sgd({ momentum: 0, weightDecay: 0 });
const inputs = ({ program }: Step): string[] => program.graph.inputs.map(({ path }) => path);
const outputs = ({ program }: Step): string[] => program.graph.outputs.map(({ name }) => name);

describe('parameters', () => {
  it('of the search on Penn Treebank are the published number, and 180 alphas', () => {
    const state = searchState(supernetOf(10_000, published.width), sgd);
    expect(totalSize(state.parameters)).toBe(4_810_000);
    expect(entryCount(RECURRENT_SPACE)).toBe(180);
  });

  it.each(RECURRENT_ZOO)('of $name are the published numbers, on both texts', ({ name, genotype }) => {
    const counts = (['ptb', 'wt2'] as const).map((preset) => {
      const given = { data: './text', genotype: name };
      const { width, combination } = resolveLanguageTraining({ preset, given, threads: 1 });
      const words = preset === 'ptb' ? 10_000 : 33_278;
      const { state } = languageEvaluation({ genotype, words, width, combination }, 1, 'test');
      return totalSize(state.parameters);
    });
    expect(counts).toEqual(name === 'ENAS_RNN' ? [27_295_000, 36_067_878] : [22_960_000, 33_127_878]);
  });
});

describe('a search', () => {
  const supernet = supernetOf(12, 3);

  it('judges alphas by the cross entropy alone, in steps that leave statistics as they are', () => {
    const step = architectureStep(supernet, 'all');
    const { graph } = step.program;
    const outputOf = (name: string) => defined(graph.outputs.find((output) => output.name === name)).value;
    expect(inputs(step)).not.toContain('slowness');
    expect(outputs(step)).not.toContain('statistics.next');
    const report = defined(graph.nodes.find(({ outputs: [first] }) => first === outputOf('crossEntropy')));
    expect(report.inputs).toEqual([outputOf('loss')]);
    expect(Object.values(step.program.stateOutputs)).toEqual(['hidden.alphas']);
  });

  it('moves weights by the penalties too, and statistics', () => {
    for (const step of [weightStep(supernet, sgd), jointStep(supernet, sgd, 'all')]) {
      expect(inputs(step)).toContain('slowness');
      expect(Object.values(step.program.stateOutputs).sort()).toEqual(['hidden', 'parameters', 'statistics']);
    }
  });

  it('measures without masks and penalties, in columns of its own', () => {
    const step = evaluation(supernet);
    expect(inputs(step).filter((name) => name.startsWith('mask.') || name === 'slowness')).toEqual([]);
    expect(stateLayout(searchState(supernet, sgd))).toMatchObject({
      hidden: 4 * 3,
      'hidden.alphas': 4 * 3,
      'hidden.evaluation': 2 * 3,
    });
  });
});

describe('perplexity', () => {
  const genotype = "Genotype(recurrent=[('tanh', 0), ('relu', 1)], concat=range(1, 3))";
  const tokens = Uint32Array.from([0, 1, 1, 2, 0, 2, 2, 2, 1, 0, 0, 2, 2, 1, 2, 2]);
  const corpus: TextCorpus = {
    name: 'three words',
    vocabulary: ['a', 'b', 'c'],
    train: tokens,
    valid: tokens,
    test: tokens,
    checksums: {},
  };
  const config = resolveLanguageTraining({ preset: 'small', given: { genotype, width: 2 }, threads: 1 });

  it('is exp of the mean over all targets of -log p, however long the windows are', async () => {
    // A model whose weights are 0 but for the decoder's bias predicts the same whatever comes before.
    const probabilities = [0.5, 0.3, 0.2];
    const network = languageNetwork(config, corpus);
    const { program, state } = languageEvaluation(network, 2, 'evaluation');
    const layout = stateLayout(state);
    const engine = interpreterEngine();
    const held = await engine.createState(layout);
    const parameters = new Float32Array(layout.parameters ?? 0);
    parameters.set(probabilities.map(Math.log), parameters.length - 3);
    await held.write('parameters', parameters);
    const prepared = await engine.prepare(program, held);
    const columns = batchify(tokens, 2);
    const targets = [...columns.data.subarray(2)];
    const expected = Math.exp(
      -targets.reduce((total, word) => total + Math.log(defined(probabilities[word])), 0) / targets.length,
    );
    for (const length of [1, 3, 5, 7, 20]) {
      const meter = await evaluate(prepared, windowsInOrder(columns, length), languageMeasures);
      expect(meter.scores().perplexity).toBeCloseTo(expected, 5);
    }
  });

  it('is better the lower, and says nothing of penalties', () => {
    const means = new Map([
      ['loss', Float64Array.of(9)],
      ['crossEntropy', Float64Array.of(Math.log(50))],
    ]);
    expect(perplexity.of(means, new Map())).toBeCloseTo(50, 10);
    expect(perplexity.better).toBe('lower');
    expect(perplexity.of(new Map(), new Map())).toBeNaN();
  });

  it('is of a network of as many parameters as its formula has', () => {
    const network = languageNetwork(config, corpus);
    const { state } = languageEvaluation(network, 2, 'evaluation');
    expect(totalSize(state.parameters)).toBe(recurrentParameterCount({ words: 3, width: 2, nodes: 2 }));
  });
});
