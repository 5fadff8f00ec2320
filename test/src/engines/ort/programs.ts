// Small programs for the engine's tests, and what the interpreter makes of them.
import { Builder } from '../../../../graphs/builder.js';
import { interpret, type Tensor, tensor } from '../../../../graphs/interpret/interpret.js';
import type { Program } from '../../../../graphs/program.js';
import { defined } from '../../../support/tensors.js';

/** theta' = theta + rate (x - theta) and count' = count + 1; reports the sum of the old theta, and x as it came. */
export function movingAverage(size: number): Program {
  const g = new Builder();
  const theta = g.input('theta', [size]);
  const count = g.input('count', [1]);
  const x = g.input('x', [size]);
  const rate = g.input('rate', [1]);
  const moved = g.add(theta, g.mul(g.sub(x, theta), rate));
  return {
    name: 'moving-average',
    graph: g.build([
      { name: 'sum', value: g.reduceSum(theta, [0]) },
      { name: 'x.again', value: x },
      { name: 'theta.next', value: moved },
      { name: 'count.next', value: g.add(count, g.scalar(1)) },
    ]),
    stateInputs: { theta: 'theta', count: 'count' },
    stateOutputs: { 'theta.next': 'theta', 'count.next': 'count' },
  };
}

/** Reads the state that another program moves. */
export function reading(size: number): Program {
  const g = new Builder();
  const theta = g.input('theta', [size]);
  return {
    name: 'reading',
    graph: g.build([{ name: 'doubled', value: g.add(theta, theta) }]),
    stateInputs: { theta: 'theta' },
    stateOutputs: {},
  };
}

/** Many matrix products one behind the other: long enough for a timer to tick while it runs. */
export function slow(size: number, products: number): Program {
  const g = new Builder();
  const x = g.input('x', [size, size]);
  let y = x;
  for (let i = 0; i < products; i++) y = g.mul(g.matMul(y, x), g.scalar(1 / size));
  return {
    name: 'slow',
    graph: g.build([{ name: 'y', value: g.reduceSum(y, [0, 1]) }]),
    stateInputs: {},
    stateOutputs: {},
  };
}

/** Runs a program in the interpreter, from one state to the next. */
export function interpretStep(
  { graph, stateInputs, stateOutputs }: Program,
  state: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, Tensor>>,
): { outputs: Record<string, Tensor>; state: Record<string, Tensor> } {
  const bound = Object.entries(stateInputs).map(([input, name]): [string, Tensor] => [
    input,
    defined(state[name]),
  ]);
  const outputs = interpret(graph, { ...feeds, ...Object.fromEntries(bound) });
  const next = Object.entries(stateOutputs).map(([output, name]): [string, Tensor] => [
    name,
    defined(outputs[output]),
  ]);
  return { outputs, state: { ...state, ...Object.fromEntries(next) } };
}

export function floats(data: ArrayLike<number | bigint>): Tensor {
  return tensor([data.length], Array.from(data, Number));
}
