// Runs an optimizer by itself: a graph from gradient, parameters and what it remembers to the new ones.
import { Builder } from '../../../graphs/builder.js';
import { interpret, type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import type { Graph } from '../../../graphs/ir.js';
import type { Optimizer } from '../../../graphs/optimizers/optimizer.js';
import { defined } from '../../support/tensors.js';

/** Parameters and what is remembered, by name. */
export type OptimizerState = Readonly<Record<string, Tensor>>;

export interface Taken {
  readonly state: OptimizerState;
  readonly reports: Readonly<Record<string, Tensor>>;
}

function nextOf(name: string): string {
  return `${name}.next`;
}

/** The new state among the results of a step. */
export function stateIn(results: Readonly<Record<string, Tensor>>, old: OptimizerState): OptimizerState {
  return Object.fromEntries(Object.keys(old).map((name) => [name, defined(results[nextOf(name)])]));
}

/** Inputs `parameters`, `gradient`, `learningRate` and the slots; outputs `parameters.next`, `SLOT.next`, and the reports. */
export function optimizerGraph(optimizer: Optimizer, size: number): Graph {
  const g = new Builder();
  const [parameters, gradient] = [g.input('parameters', [size]), g.input('gradient', [size])];
  const learningRate = g.input('learningRate', [1]);
  const slots = Object.fromEntries(
    Object.entries(optimizer.slots).map(([name, own]) => [
      name,
      g.input(name, [own === 'parameters' ? size : own]),
    ]),
  );
  const next = optimizer.update(g, { parameters, gradient, learningRate, slots });
  const state = { parameters: next.parameters, ...next.slots };
  return g.build([
    ...Object.entries(state).map(([name, value]) => ({ name: nextOf(name), value })),
    ...next.reports,
  ]);
}

export function freshState({ slots }: Optimizer, parameters: Tensor): OptimizerState {
  const zeros = Object.entries(slots).map(([name, own]) => {
    const size = own === 'parameters' ? parameters.data.length : own;
    return [name, tensor([size], new Float64Array(size))] as const;
  });
  return { parameters, ...Object.fromEntries(zeros) };
}

/** One step in the float64 interpreter. */
export function takeStep(graph: Graph, state: OptimizerState, gradient: Tensor, learningRate: number): Taken {
  const results = interpret(graph, { ...state, gradient, learningRate: tensor([1], [learningRate]) });
  return { state: stateIn(results, state), reports: results };
}

/** The state after several steps of one learning rate. */
export function takeSteps(
  optimizer: Optimizer,
  parameters: Tensor,
  gradients: readonly Tensor[],
  learningRate: number,
): OptimizerState {
  const graph = optimizerGraph(optimizer, defined(parameters.shape[0]));
  return gradients.reduce(
    (state, gradient) => takeStep(graph, state, gradient, learningRate).state,
    freshState(optimizer, parameters),
  );
}

export function scaled({ shape, data }: Tensor, factor: number): Tensor {
  return tensor(
    shape,
    data.map((element) => element * factor),
  );
}
