// The gradients of the alphas against PyTorch's: of first order, and through a step of the weights (DARTS's second order), from
// the same windows, hidden states and masks; and where two steps of Adam by each lead.
import { afterAll, describe, expect, it } from 'vitest';
import { interpret } from '../../../../graphs/interpret/interpret.js';
import type { Engine, Feeds } from '../../../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import { METHOD_TABLE, resolveOptions } from '../../../../src/estimators/methods.js';
import { hessianVectorPoints, secondOrderGradient, unroll } from '../../../../src/estimators/unrolled.js';
import { gradients, searchState } from '../../../../src/networks/search-programs.js';
import { stateLayout } from '../../../../src/networks/step.js';
import { adamStep, initialAdamState } from '../../../../src/optimizers/adam.js';
import { optimizerOf } from '../../../../src/optimizers/weight-settings.js';
import { openStream } from '../../../../src/random.js';
import { prepareSearch } from '../../../../src/search/programs.js';
import { RECURRENT_SPACE } from '../../../../src/spaces/recurrent.js';
import { edgeFeeds } from '../../../../src/tasks/language/edge-feeds.js';
import { languageSupernet } from '../../../../src/tasks/language/networks.js';
import { resolveLanguageSearch } from '../../../../src/tasks/language/resolve-search.js';
import { type FixtureTensor, readFixture, tensorOf } from '../../../support/fixtures.js';
import { interpreterEngine } from '../../../support/interpreter-engine.js';
import { departureOf, flatOf, settingsOf, windowFeeds } from '../../../support/language-step.js';
import { defined } from '../../../support/tensors.js';

const [words, width, batch] = [40, 10, 6];
const io = readFixture('recurrent/rnn-search-soft.io.f64');
const before = readFixture('recurrent/rnn-search-soft.weights');
const settings = settingsOf(io);
const setting = (name: string): number => defined(settings[name]);
const [rate, clipNorm, weightDecay] = [setting('lr'), setting('clip'), setting('weightDecay')];
const config = resolveLanguageSearch({
  preset: 'ptb',
  given: {
    data: './fixture',
    method: 'darts-2nd',
    weights: { learningRate: rate, finalLearningRate: rate, clipNorm, weightDecay },
  },
  threads: 1,
});
const optimizer = optimizerOf(config.weights);
const supernet = languageSupernet({
  space: RECURRENT_SPACE,
  words,
  width,
  batch,
  validationBatch: batch,
  regularisation: { masks: ['rows', 'emb', 'x', 'h', 'out'], activity: false, slowness: true },
});
const alphas = tensorOf(io, 'alphas').data;
const sample = METHOD_TABLE['darts-2nd']
  .create(RECURRENT_SPACE, 'architecture', resolveOptions('darts-2nd', {}))
  .sample(alphas, openStream(1, 'gumbel'), 1);
const expected = (name: string) => tensorOf(io, name).data;
const parametersOf = (slots: Parameters<typeof flatOf>[0]) => flatOf(slots, before).data;

/** Two steps of Adam, both along this gradient. */
function afterTwoSteps(gradient: Float64Array): Float64Array {
  const { learningRate, beta1, beta2, weightDecay } = config.alphas;
  const options = { learningRate, betas: [beta1, beta2], weightDecay } as const;
  const once = adamStep(options, alphas, gradient, initialAdamState(alphas.length));
  return adamStep(options, once.parameters, gradient, once.state).parameters;
}

describe('in float64', () => {
  const { program, state } = gradients(supernet);
  const weights = parametersOf(state.parameters);
  const code = { ...edgeFeeds(RECURRENT_SPACE, sample), code: { shape: [180], data: sample.code } };
  const feedsOf = (prefix: string) => ({
    ...windowFeeds(io, prefix, width),
    hidden: { shape: [batch * width], data: expected(`${prefix}hidden.initial`) },
    carry: { shape: [1], data: Float64Array.of(1) },
  });
  const at = (parameters: Float64Array, prefix: string) => {
    const all = { ...code, ...feedsOf(prefix), parameters: { shape: [parameters.length], data: parameters } };
    const taken = program.graph.inputs.map(({ path }): [string, FixtureTensor] => {
      const { shape, data } = defined(Object.entries(all).find(([name]) => name === path))[1];
      return [path, { shape, data: Float64Array.from(data, Number) }];
    });
    const found = interpret(program.graph, Object.fromEntries(taken));
    return { weights: defined(found.gradient).data, code: defined(found['gradient.code']).data };
  };

  it.each(['first', 'unrolled'] as const)('the %s gradient, and where Adam goes by it', (order) => {
    const step = defined(optimizer.descent);
    const unrolled = unroll(weights, undefined, at(weights, '').weights, { ...step, learningRate: rate });
    const judged = at(order === 'first' ? weights : unrolled.weights, 'valid.');
    const { plus, minus, epsilon } = hessianVectorPoints(weights, judged.weights, clipNorm);
    const gradient =
      order === 'first'
        ? judged.code
        : secondOrderGradient(judged.code, at(plus, '').code, at(minus, '').code, unrolled.rate, epsilon);
    const ofAlphas = sample.pullback(gradient);
    const tolerance = order === 'first' ? 1e-9 : 1e-7;
    expect(departureOf(ofAlphas, expected(`alphas.gradient.${order}`))).toBeLessThan(tolerance);
    expect(departureOf(afterTwoSteps(ofAlphas), expected(`alphas.afterTwoAdamSteps.${order}`))).toBeLessThan(
      tolerance,
    );
  });

  it('differ from each other by far more than is allowed', () => {
    const first = expected('alphas.gradient.first');
    expect(departureOf(first, expected('alphas.gradient.unrolled'))).toBeGreaterThan(1e-2);
  });
});

const ort = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
afterAll(() => ort.dispose());

describe.each<[string, Engine]>([
  ['the interpreter, with states in float32', interpreterEngine()],
  ['ONNX Runtime', ort],
])('a search of second order on %s', (_, engine) => {
  const float = ({ shape, data }: FixtureTensor) => ({ shape, data: Float32Array.from(data) });
  const feedsOf = (prefix: string): Feeds => {
    const { tokens, targets, ...others } = windowFeeds(io, prefix, width);
    const long = ({ shape, data }: FixtureTensor) => ({ shape, data: BigInt64Array.from(data, BigInt) });
    return {
      ...Object.fromEntries(Object.entries(others).map(([name, tensor]) => [name, float(tensor)])),
      tokens: long(defined(tokens)),
      targets: long(defined(targets)),
      carry: { shape: [1], data: Float32Array.of(1) },
      ...edgeFeeds(RECURRENT_SPACE, sample),
    };
  };

  it("has PyTorch's gradient", async () => {
    const slots = searchState(supernet, optimizer);
    const vectors = new Map(
      Object.entries(stateLayout(slots)).map(([name, size]) => [name, new Float32Array(size)]),
    );
    vectors.set('parameters', Float32Array.from(parametersOf(slots.parameters)));
    vectors.set('statistics', Float32Array.from(parametersOf(slots.statistics)));
    vectors.set('hidden', Float32Array.from(expected('hidden.initial')));
    vectors.set('hidden.alphas', Float32Array.from(expected('valid.hidden.initial')));
    const arrays = Object.fromEntries(
      [...vectors].map(([name, data]) => [name, { shape: [data.length], data }]),
    );
    const { secondOrder } = await prepareSearch(engine, supernet, config, optimizer, arrays);
    const batches = { train: feedsOf(''), validation: feedsOf('valid.') };
    const { codeGradient } = await defined(secondOrder).gradient(batches, rate);
    const gradient = sample.pullback(Float64Array.from(codeGradient));
    expect(departureOf(gradient, expected('alphas.gradient.unrolled'))).toBeLessThan(2e-4);
    expect(departureOf(afterTwoSteps(gradient), expected('alphas.afterTwoAdamSteps.unrolled'))).toBeLessThan(
      2e-4,
    );
  });
});
