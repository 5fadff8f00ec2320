// Four windows of averaged SGD as whole steps of a language model against PyTorch's: weights, averages, rates and hidden states.
import { afterAll, describe, expect, it } from 'vitest';
import { interpret } from '../../../../graphs/interpret/interpret.js';
import { optimizers } from '../../../../graphs/optimizers/index.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import { stateLayout, stateWith } from '../../../../src/networks/step.js';
import { parseRecurrentGenotype } from '../../../../src/spaces/parse.js';
import { languageStep } from '../../../../src/tasks/language/networks.js';
import { type FixtureTensor, readFixture, readFixtureText, tensorOf } from '../../../support/fixtures.js';
import { departureOf, flatOf, settingsOf, windowFeeds } from '../../../support/language-step.js';
import { defined } from '../../../support/tensors.js';

const name = 'rnn-train-darts-v2';
const io = readFixture(`recurrent/${name}.io.f64`);
const settings = settingsOf(io);
const asgd = optimizers.asgd({
  weightDecay: defined(settings.weightDecay),
  clipNorm: defined(settings.clip),
});
const genotype = parseRecurrentGenotype(readFixtureText(`recurrent/${name}`));
const step = languageStep(
  { genotype, words: 50, width: 12, combination: 'mean' },
  3,
  { masks: ['rows', 'emb', 'x', 'h', 'out'], activity: true, slowness: true },
  asgd,
);
const { parameters } = step.state;
const layout = stateLayout(stateWith(asgd, step.state));
const start = flatOf(parameters, readFixture(`recurrent/${name}.weights`)).data;

function feedsOf(n: number): Record<string, FixtureTensor> {
  const penalties = { activity: defined(settings.ar), slowness: defined(settings.tar) };
  return {
    ...windowFeeds(io, `step.${n}.`, 12, penalties),
    carry: { shape: [1], data: Float64Array.of(n === 0 ? 0 : 1) },
    learningRate: { shape: [1], data: tensorOf(io, `step.${n}.lr`).data },
  };
}

function expectStep(n: number, state: Readonly<Record<string, ArrayLike<number>>>, tolerance: number): void {
  const of = (key: string) => tensorOf(io, `asgd.${n}.${key}`).data;
  const expected = {
    parameters: flatOf(parameters, io, `asgd.${n}.weights.`).data,
    average: flatOf(parameters, io, `asgd.${n}.average.`).data,
    eta: of('eta'),
    hidden: of('hidden'),
  };
  for (const [vector, values] of Object.entries(expected))
    expect(departureOf(state[vector], values), `${vector} after step ${n}`).toBeLessThan(tolerance);
  expect(1 / Math.max(1, defined(state.steps)[0]!), `mu after step ${n}`).toBe(of('mu')[0]);
}

it("takes PyTorch's steps in float64", () => {
  let state: Record<string, Float64Array> = Object.fromEntries(
    Object.entries(layout).map(([vector, size]) => [vector, new Float64Array(size)]),
  );
  state.parameters = start;
  // The first step reads what is carried times 0.
  state.hidden = new Float64Array(36).fill(7);
  for (const n of [0, 1, 2, 3]) {
    const fed = { ...feedsOf(n) };
    for (const [vector, data] of Object.entries(state)) fed[vector] = { shape: [data.length], data };
    const found = interpret(step.program.graph, fed);
    expect(defined(found.loss).data[0]).toBeCloseTo(tensorOf(io, `asgd.${n}.loss.total`).data[0]!, 11);
    expect(defined(found.gradientNorm).data[0]).toBeCloseTo(
      tensorOf(io, `asgd.${n}.gradientNorm`).data[0]!,
      11,
    );
    state = Object.fromEntries(
      Object.entries(state).map(([vector, data]) => [vector, found[`${vector}.next`]?.data ?? data]),
    );
    expectStep(n, state, 1e-10);
  }
});

describe('in ONNX Runtime', () => {
  const engine = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
  afterAll(() => engine.dispose());

  it("takes PyTorch's steps", async () => {
    const state = await engine.createState(layout);
    await state.write('parameters', Float32Array.from(start));
    const prepared = await engine.prepare(step.program, state);
    for (const n of [0, 1, 2, 3]) {
      const fed = Object.entries(feedsOf(n)).map(([input, { shape, data }]) => {
        const isLong = input === 'tokens' || input === 'targets';
        return [input, { shape, data: isLong ? BigInt64Array.from(data, BigInt) : Float32Array.from(data) }];
      });
      await prepared.run(Object.fromEntries(fed));
      const read: Record<string, Float32Array> = {};
      for (const vector of Object.keys(layout)) read[vector] = await state.read(vector);
      expectStep(n, read, 1e-5);
    }
  });
});
