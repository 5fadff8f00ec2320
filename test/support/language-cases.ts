// Steps of language models, and what PyTorch computes for them: evaluation of derived networks, windows of training by SGD,
// and steps of the recurrent supernet under a soft and a binary code.
import { expect } from 'vitest';
import { Builder } from '../../graphs/builder.js';
import type { DType } from '../../graphs/ir.js';
import { optimizers } from '../../graphs/optimizers/index.js';
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import { times } from '../../graphs/shapes.js';
import type { Engine, HostTensor } from '../../src/engines/engine.js';
import type { Combination } from '../../src/networks/recurrent/derived-cell.js';
import { derivedLanguage, type LanguageNetwork } from '../../src/networks/recurrent/derived-language.js';
import {
  noRegularisation,
  type Regularisation,
  type TracedLanguage,
} from '../../src/networks/recurrent/language-loss.js';
import { recurrentSupernet } from '../../src/networks/recurrent/supernet.js';
import { recurrentName } from '../../src/networks/recurrent/weights.js';
import { buildStep, type Step, stateLayout } from '../../src/networks/step.js';
import { parseRecurrentGenotype } from '../../src/spaces/parse.js';
import { RECURRENT_SPACE } from '../../src/spaces/recurrent.js';
import { type FixtureTensor, readFixture, readFixtureText, tensorOf } from './fixtures.js';
import {
  departureOf,
  edgeFeeds,
  type Fixture,
  filled,
  flatOf,
  hiddenOf,
  settingsOf,
  windowFeeds,
} from './language-step.js';
import { defined } from './tensors.js';

export interface LanguageCase {
  readonly name: string;
  readonly step: Step;
  readonly feeds: Readonly<Record<string, FixtureTensor>>;
  /** Vectors of the state before the step. */
  readonly state: Readonly<Record<string, FixtureTensor>>;
  /** Results, the state after it among them as `parameters.next`. */
  readonly expected: Readonly<Record<string, Float64Array>>;
}

const searchMasks: Regularisation = {
  masks: ['rows', 'emb', 'x', 'h', 'out'],
  activity: false,
  slowness: true,
};
const trainingMasks: Regularisation = { ...searchMasks, activity: true };

/** With the logits, which no step keeps: raw table^T + bias. */
function reportsOf(g: Builder, { crossEntropy, raw, last }: TracedLanguage, words: number) {
  const [steps = 1, batch = 1, width = 1] = raw.shape;
  const none = { kind: 'constant', value: 0 } as const;
  const table = g.parameter(recurrentName.table, [words, typeof width === 'number' ? width : 1], none);
  const rows = g.reshape(raw, [times(steps, batch), width]);
  const logits = g.add(g.matMul(rows, table, false, true), g.parameter(recurrentName.bias, [words], none));
  return Object.entries({ crossEntropy, raw, last, logits }).map(([name, value]) => ({ name, value }));
}

function sgdOf(settings: Readonly<Record<string, number>>): Optimizer {
  const { weightDecay, clip } = settings;
  return optimizers.sgd({ momentum: 0, weightDecay: defined(weightDecay), clipNorm: defined(clip) });
}

function derivedStep(
  network: LanguageNetwork,
  batch: number,
  regularisation: Regularisation,
  optimizer?: Optimizer,
): Step {
  const g = new Builder();
  const hidden = g.input('hidden', [batch, network.width]);
  const traced = derivedLanguage(g, network, { steps: 'steps', batch }, hidden, regularisation);
  return buildStep(
    { g, loss: traced.loss, reports: reportsOf(g, traced, network.words) },
    {
      name: 'step',
      movesStatistics: false,
      ...(optimizer === undefined ? {} : { optimizer, reportGradient: true }),
    },
  );
}

export function evaluationCases(): LanguageCase[] {
  const of = (name: string, combination: Combination, prefix: string): LanguageCase => {
    const io = readFixture(`recurrent/${name}.io.f64`);
    const genotype = parseRecurrentGenotype(readFixtureText(`recurrent/${name}`));
    const step = derivedStep({ genotype, words: 50, width: 12, combination }, 3, noRegularisation);
    return {
      name: `evaluation of ${name}, ${combination}`,
      step,
      feeds: { ...windowFeeds(io, '', 12), hidden: hiddenOf(tensorOf(io, 'hidden.initial')) },
      state: { parameters: flatOf(step.state.parameters, readFixture(`recurrent/${name}.weights`)) },
      expected: {
        raw: tensorOf(io, `${prefix}raw`).data,
        last: tensorOf(io, `${prefix}hidden`).data,
        logits: tensorOf(io, `${prefix}logits`).data,
        ...(prefix === '' ? { loss: tensorOf(io, 'loss').data } : {}),
      },
    };
  };
  return [
    of('rnn-eval-darts-v2', 'mean', ''),
    of('rnn-eval-lists', 'mean', ''),
    of('rnn-eval-lists', 'sum', 'sum.'),
  ];
}

/** Each window by itself, from the weights and hidden states that PyTorch had before it. */
export function trainingCases(): LanguageCase[] {
  const name = 'rnn-train-darts-v2';
  const io: Fixture = readFixture(`recurrent/${name}.io.f64`);
  const settings = settingsOf(io);
  const genotype = parseRecurrentGenotype(readFixtureText(`recurrent/${name}`));
  const step = derivedStep(
    { genotype, words: 50, width: 12, combination: 'mean' },
    3,
    trainingMasks,
    sgdOf(settings),
  );
  const { parameters } = step.state;
  return [0, 1, 2, 3].map((n): LanguageCase => {
    const of = (key: string): Float64Array => tensorOf(io, `sgd.${n}.${key}`).data;
    return {
      name: `window ${n} of SGD`,
      step,
      feeds: {
        ...windowFeeds(io, `step.${n}.`, 12, {
          activity: defined(settings.ar),
          slowness: defined(settings.tar),
        }),
        hidden: n === 0 ? filled([3, 12], 0) : hiddenOf(tensorOf(io, `sgd.${n - 1}.hidden`)),
        learningRate: { shape: [1], data: tensorOf(io, `step.${n}.lr`).data },
      },
      state: {
        parameters:
          n === 0
            ? flatOf(parameters, readFixture(`recurrent/${name}.weights`))
            : flatOf(parameters, io, `sgd.${n - 1}.weights.`),
      },
      expected: {
        loss: of('loss.total'),
        crossEntropy: of('loss.ce'),
        gradientNorm: of('gradientNorm'),
        last: of('hidden'),
        'parameters.next': flatOf(parameters, io, `sgd.${n}.weights.`).data,
        ...(n === 0 ? { gradient: flatOf(parameters, io, 'sgd.0.gradient.').data, raw: of('raw') } : {}),
      },
    };
  });
}

interface SupernetStep {
  readonly training?: boolean;
  readonly exact?: boolean;
  readonly regularisation?: Regularisation;
  readonly optimizer?: Optimizer;
  readonly of?: 'loss' | 'crossEntropy';
}

export function supernetLanguageStep({
  training = true,
  exact = true,
  regularisation = searchMasks,
  optimizer,
  of = 'loss',
}: SupernetStep): Step {
  const g = new Builder();
  const hidden = g.input('hidden', [6, 10]);
  const traced = recurrentSupernet(
    g,
    { space: RECURRENT_SPACE, words: 40, width: 10, training, exact },
    { steps: 'steps', batch: 6 },
    hidden,
    regularisation,
  );
  return buildStep(
    { g, loss: traced[of], reports: reportsOf(g, traced, 40) },
    {
      name: 'step',
      movesStatistics: training && optimizer !== undefined,
      ...(training ? { gradientsOf: [traced.code] } : {}),
      ...(optimizer === undefined ? {} : { optimizer, reportGradient: true }),
    },
  );
}

export function supernetCases(): LanguageCase[] {
  return ['soft', 'binary'].flatMap((kind): LanguageCase[] => {
    const io = readFixture(`recurrent/rnn-search-${kind}.io.f64`);
    const before = readFixture(`recurrent/rnn-search-${kind}.weights`);
    const after = readFixture(`recurrent/rnn-search-${kind}.after.f64`);
    const settings = settingsOf(io);
    const code = tensorOf(io, 'code');
    const common = {
      hidden: hiddenOf(tensorOf(io, 'hidden.initial')),
      code: { shape: [code.data.length], data: code.data },
    };
    const window = windowFeeds(io, '', 10, { slowness: defined(settings.tar) });
    const { slowness: _, ...unpenalised } = window;
    const stateOf = (step: Step, tensors: Fixture): LanguageCase['state'] => ({
      parameters: flatOf(step.state.parameters, tensors),
      statistics: flatOf(step.state.statistics, tensors),
    });
    const learningRate = { shape: [1], data: tensorOf(io, 'settings.lr').data };
    const optimizer = sgdOf(settings);
    const exact = supernetLanguageStep({ optimizer });
    const active = supernetLanguageStep({ optimizer, exact: false });
    const ofCode = supernetLanguageStep({
      of: 'crossEntropy',
      regularisation: { ...searchMasks, slowness: false },
    });
    const evaluation = supernetLanguageStep({
      training: false,
      exact: false,
      regularisation: noRegularisation,
    });
    const moved = {
      'parameters.next': flatOf(exact.state.parameters, after).data,
      'statistics.next': flatOf(exact.state.statistics, after).data,
    };
    return [
      {
        name: `step of the supernet, ${kind} code`,
        step: exact,
        feeds: { ...window, ...common, ...edgeFeeds(code, true), learningRate },
        state: stateOf(exact, before),
        expected: {
          loss: tensorOf(io, 'loss.total').data,
          crossEntropy: tensorOf(io, 'loss.ce').data,
          raw: tensorOf(io, 'raw').data,
          last: tensorOf(io, 'hidden').data,
          gradientNorm: tensorOf(io, 'gradientNorm').data,
          gradient: flatOf(exact.state.parameters, io, 'gradient.').data,
          'gradient.code': tensorOf(io, 'gradient.code').data,
          ...moved,
        },
      },
      {
        name: `step of the edges that learn, ${kind} code`,
        step: active,
        feeds: { ...window, ...common, ...edgeFeeds(code, false), learningRate },
        state: stateOf(active, before),
        expected: moved,
      },
      {
        name: `gradient of the ${kind} code by the cross entropy`,
        step: ofCode,
        feeds: { ...unpenalised, ...common, ...edgeFeeds(code, true) },
        state: stateOf(ofCode, before),
        expected: { 'gradient.code': tensorOf(io, 'gradient.code.ce').data },
      },
      {
        name: `evaluation of the supernet, ${kind} code`,
        step: evaluation,
        feeds: { ...windowFeeds(io, '', 10), ...common, ...edgeFeeds(code, false) },
        state: stateOf(evaluation, after),
        expected: { logits: tensorOf(io, 'after.evaluation.logits').data },
      },
    ].map((each) => ({ ...each, feeds: only(each.step, each.feeds) }));
  });
}

/** The cases' feeds that the program takes. */
function only(step: Step, feeds: LanguageCase['feeds']): LanguageCase['feeds'] {
  const taken = new Set(step.program.graph.inputs.map(({ path }) => path));
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => taken.has(name)));
}

export function allLanguageCases(): LanguageCase[] {
  return [...evaluationCases(), ...trainingCases(), ...supernetCases()];
}

/** Compares results with PyTorch's; `tolerance` is relative to the largest value of each. */
export function checkLanguage(
  { expected }: LanguageCase,
  found: Readonly<Record<string, { readonly data: ArrayLike<number | bigint> }>>,
  tolerance: number,
): void {
  for (const [name, values] of Object.entries(expected))
    expect(departureOf(found[name]?.data, values), name).toBeLessThan(tolerance);
}

/** Runs a case on an engine; the state after it is among the results. */
export async function runLanguage(
  engine: Engine,
  { step, feeds, state }: LanguageCase,
): Promise<Record<string, HostTensor>> {
  const layout = stateLayout(step.state);
  const held = await engine.createState(layout);
  for (const [name, { data }] of Object.entries(state)) await held.write(name, Float32Array.from(data));
  const prepared = await engine.prepare(step.program, held);
  const types = new Map(step.program.graph.inputs.map(({ path, dtype }) => [path, dtype]));
  const fetches = await prepared.run(
    Object.fromEntries(
      Object.entries(feeds).map(([name, { shape, data }]) => [
        name,
        { shape, data: arrayOf(types.get(name), data) },
      ]),
    ),
  );
  const after: Record<string, HostTensor> = { ...fetches };
  for (const name of Object.keys(layout)) {
    const data = await held.read(name);
    after[`${name}.next`] = { shape: [data.length], data };
  }
  await prepared.dispose();
  return after;
}

function arrayOf(dtype: DType | undefined, data: Float64Array): HostTensor['data'] {
  return dtype === 'int64' ? BigInt64Array.from(data, BigInt) : Float32Array.from(data);
}
