// The smallest thing that remembers: y_t = 0.8 y_{t-1} + 0.5 x_t, read by windows of one sequence in columns. The model is
// h_t = decay h_{t-1} + gain x_t, its window begins with the state that the last one ended with, and with zero where the sequence
// begins: the feed `carry` is 0 there, and 1 elsewhere. Lengths of windows are drawn, and scale the rate.
import { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import type { BatchSource, BatchSourceState, FedBatch } from '../../src/loop/batch-source.js';
import type { Measures, Metric } from '../../src/loop/meter.js';
import { buildStep, type Carried, type TracedLoss } from '../../src/networks/step.js';
import { openStream } from '../../src/random.js';
import { type SearchSpace, searchSpace } from '../../src/spaces/search-space.js';
import type { SearchProblem } from '../../src/tasks/search-problem.js';
import type { TrainingProblem } from '../../src/tasks/training-problem.js';

/** Columns of a training window, of a held-out one, and of a test one. */
export const columns = { training: 3, validation: 2, test: 1 } as const;
/** The usual length of a window. */
const usual = 4;

const rootMeanSquare: Metric = {
  name: 'rootMeanSquare',
  title: 'Root mean square error',
  better: 'lower',
  of: (means) => Math.sqrt(means.get('squares')![0]!),
  format: (value, digits = 3) => value.toFixed(digits),
};

const measures: Measures = { examples: 'values', reports: ['squares'], metrics: [rootMeanSquare] };

/** Rows of a sequence: x and y, each [rows, columns]. */
export interface Sequence {
  readonly rows: number;
  readonly columns: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export function sequence(name: string, rows: number, width: number): Sequence {
  const stream = openStream(3, name);
  const x = Float32Array.from({ length: rows * width }, () => 2 * stream.uniform() - 1);
  const y = new Float32Array(x.length);
  x.forEach((value, i) => {
    y[i] = 0.8 * (i < width ? 0 : y[i - width]!) + 0.5 * value;
  });
  return { rows, columns: width, x, y };
}

/** Rows `start` to `start + length`. */
export function windowOf({ x, y, columns: width }: Sequence, start: number, length: number): FedBatch {
  const cut = (values: Float32Array) => ({
    shape: [length, width],
    data: values.slice(start * width, (start + length) * width),
  });
  return {
    examples: length * width,
    feeds: {
      x: cut(x),
      y: cut(y),
      share: { shape: [1], data: Float32Array.of(1 / (length * width)) },
      carry: { shape: [1], data: Float32Array.of(start === 0 ? 0 : 1) },
    },
  };
}

/** All rows once, `length` at a time. */
export function inWindows(of: Sequence, length = usual): FedBatch[] {
  return Array.from({ length: Math.ceil(of.rows / length) }, (_, i) =>
    windowOf(of, i * length, Math.min(length, of.rows - i * length)),
  );
}

function drawnWindows(
  name: string,
  seed: number,
  of: Sequence,
  saved: BatchSourceState | undefined,
): BatchSource {
  const stream = openStream(seed, name, saved?.streams[name]);
  let position = saved?.cursor?.next ?? 0;
  return {
    next() {
      const start = position === of.rows ? 0 : position;
      const drawn = 2 + stream.integer(5);
      position = Math.min(start + drawn, of.rows);
      return {
        ...windowOf(of, start, position - start),
        done: position / of.rows,
        rateScale: drawn / usual,
      };
    },
    state: () => ({
      streams: { [name]: stream.state() },
      ...(position === of.rows ? {} : { cursor: { order: stream.state(), next: position } }),
    }),
  };
}

/** The loss of a window, and what it hands on; `next` makes h_t of h_{t-1} and x_t, f32[B] each. */
function traceWindow(
  g: Builder,
  width: number,
  weights: readonly Value[],
  next: (body: Builder, hidden: Value, x: Value, weights: readonly Value[]) => Value,
): TracedLoss & { readonly carried: readonly Carried[] } {
  const x = g.input('x', ['steps', width]);
  const y = g.input('y', ['steps', width]);
  const share = g.input('share', [1]);
  const before = g.input('hidden', [width]);
  const hidden = g.mul(before, g.input('carry', [1]));
  const { states, results } = g.scan(
    { states: [hidden], sequences: [x], captures: weights },
    (body, inner) => {
      const [state, element] = [inner.states[0]!, inner.elements[0]!];
      const after = next(body, state, element, inner.captures);
      return { states: [after], results: [after] };
    },
  );
  const off = g.sub(results[0]!, y);
  const loss = g.mul(g.reduceSum(g.mul(off, off), [0, 1]), g.reshape(share, []));
  return {
    g,
    loss,
    reports: [{ name: 'squares', value: g.reshape(loss, [1]) }],
    carried: [{ before, after: states[0]! }],
  };
}

export function traceRecurrence(width: number): TracedLoss {
  const g = new Builder();
  const decay = g.parameter('decay', [1], { kind: 'uniform', bound: 0.5 });
  const gain = g.parameter('gain', [1], { kind: 'uniform', bound: 0.5 });
  return traceWindow(g, width, [decay, gain], (body, hidden, x, [a, b]) =>
    body.add(body.mul(hidden, a!), body.mul(x, b!)),
  );
}

export function recurrenceTraining(rows = 23): TrainingProblem {
  const training = sequence('training', rows, columns.training);
  return {
    description: 'a filter',
    measures,
    batches: (saved) => drawnWindows('windows', 1, training, saved),
    validation: inWindows(sequence('validation', 10, columns.validation)),
    test: inWindows(sequence('test', 9, columns.test)),
    testExamples: 9,
    step: (optimizer) =>
      buildStep(traceRecurrence(columns.training), {
        name: 'filter-step',
        optimizer,
        movesStatistics: false,
      }),
    evaluation: () =>
      buildStep(traceRecurrence(columns.validation), {
        name: 'filter',
        movesStatistics: false,
        stream: 'validation',
      }),
    testing: () =>
      buildStep(traceRecurrence(columns.test), { name: 'filter', movesStatistics: false, stream: 'test' }),
    conditions: () => ({}),
    ship: ({ arrays }) => ({
      files: [{ name: 'filter.json', data: JSON.stringify([...arrays.parameters!.data]) }],
      figures: { parameters: 2, macs: 2 },
    }),
  };
}

const space: SearchSpace<'filter', 'slow' | 'quick'> = searchSpace({
  name: 'filters',
  cellTypes: [
    {
      name: 'filter',
      title: 'Filter',
      inputs: 1,
      nodes: 1,
      primitives: ['slow', 'quick'],
      derivation: { kept: 1, skip: 'quick' },
    },
  ],
});

/** Between a filter that forgets slowly and one that forgets at once: h_t = c_slow (0.9 h + a x) + c_quick (0.1 h + b x). */
export function recurrenceSearch(rows = 23): SearchProblem<'filter', 'slow' | 'quick'> {
  const [weights, alphas] = [
    sequence('weights', rows, columns.training),
    sequence('alphas', 17, columns.training),
  ];
  return {
    description: 'a filter',
    measures,
    space,
    weightBatches: (saved) => drawnWindows('weight-windows', 1, weights, saved),
    alphaBatches: (saved) => drawnWindows('alpha-windows', 1, alphas, saved),
    heldOut: inWindows(sequence('held', 10, columns.validation)),
    supernet(training) {
      const g = new Builder();
      const code = g.input('code', [2]);
      const gain = (name: string) => g.parameter(name, [1], { kind: 'uniform', bound: 0.5 });
      const width = training ? columns.training : columns.validation;
      const traced = traceWindow(
        g,
        width,
        [...g.split(code, 0, [1, 1]), gain('slow'), gain('quick')],
        (body, hidden, x, [c, d, a, b]) =>
          body.add(
            body.mul(body.add(body.mul(hidden, body.scalar(0.9)), body.mul(x, a!)), c!),
            body.mul(body.add(body.mul(hidden, body.scalar(0.1)), body.mul(x, b!)), d!),
          ),
      );
      return { ...traced, code };
    },
    codeFeeds: ({ code }) => ({ code: { shape: [2], data: Float32Array.from(code) } }),
    budget: undefined,
  };
}
