// Training steps as programs. A network that was traced with its loss becomes one graph that also holds its backward
// pass, its optimizer and its running statistics; the parameters, their velocity and the statistics are engine state.
import { Builder } from '../../graphs/builder.js';
import { differentiate } from '../../graphs/differentiate.js';
import type { Graph, Output, Value } from '../../graphs/ir.js';
import { type SgdOptions, sgd } from '../../graphs/optimizers/sgd.js';
import { distributeConcat } from '../../graphs/passes/distribute-concat.js';
import { prune } from '../../graphs/passes/prune.js';
import type { Program, StateLayout } from '../../graphs/program.js';
import { type Slot, totalSize } from '../../graphs/slots.js';
import { GenonnxError } from '../errors.js';

/** State names, which are also the names of the graph inputs that read them. */
export const stateNames = { parameters: 'theta', velocity: 'velocity', statistics: 'statistics' } as const;

/** A network with its loss, still without backward pass. */
export interface TracedLoss {
  readonly g: Builder;
  /** f32[]. */
  readonly loss: Value;
  /** What a step reports beside the loss. */
  readonly reports: readonly Output[];
}

export interface NetworkState {
  readonly parameters: readonly Slot[];
  readonly statistics: readonly Slot[];
}

export interface StepOptions {
  readonly name: string;
  /** The optimizer of the weights; without it they stay as they are and get no gradient. */
  readonly sgd?: SgdOptions;
  /** Inputs whose gradient is reported, as `gradient.<path>`. */
  readonly gradientsOf?: readonly Value[];
  /** Also report the flat weight gradient, as `gradient`. */
  readonly reportGradient?: boolean;
  /** Whether running statistics move. */
  readonly movesStatistics: boolean;
}

export interface Step {
  readonly program: Program;
  readonly state: NetworkState;
}

/** Names that a step's graph gives its new state. */
const newState = { theta: 'theta.next', velocity: 'velocity.next', statistics: 'statistics.next' } as const;

/** Completes a traced loss to a training (or evaluation) program. */
export function buildStep({ g, loss, reports }: TracedLoss, options: StepOptions): Step {
  const state = { parameters: g.slots('parameters'), statistics: g.slots('statistics') };
  const theta = g.flatten('parameters', stateNames.parameters);
  const statistics = g.flatten('statistics', stateNames.statistics);
  const outputs: Output[] = [{ name: 'loss', value: loss }, ...reports];
  const stateOutputs: Record<string, string> = {};
  if (options.movesStatistics) {
    outputs.push({ name: newState.statistics, value: g.add(statistics, g.statisticsDelta()) });
    stateOutputs[newState.statistics] = stateNames.statistics;
  }
  const forward = distributeConcat(g.build(outputs));
  const stateInputs: Record<string, string> = {
    [stateNames.parameters]: stateNames.parameters,
    [stateNames.statistics]: stateNames.statistics,
  };
  const graph = addBackward(forward, theta, options, stateInputs, stateOutputs);
  return {
    program: {
      name: options.name,
      graph: dropUnreadInputs(graph, stateInputs),
      stateInputs,
      stateOutputs,
      guard: 'loss',
    },
    state,
  };
}

function addBackward(
  forward: Graph,
  theta: Value,
  options: StepOptions,
  stateInputs: Record<string, string>,
  stateOutputs: Record<string, string>,
): Graph {
  const { sgd: optimizer, gradientsOf = [], reportGradient = false } = options;
  const learns = optimizer !== undefined || reportGradient;
  if (!learns && gradientsOf.length === 0) return forward;
  const g = Builder.continueFrom(forward);
  const loss = forward.outputs[0]?.value;
  if (loss === undefined) throw new GenonnxError('graph', 'A step needs a loss.');
  const [first, ...others] = differentiate(g, loss, learns ? [theta, ...gradientsOf] : gradientsOf);
  const reported = learns || first === undefined ? others : [first, ...others];
  const outputs = [...forward.outputs];
  gradientsOf.forEach(({ path }, i) => {
    const value = reported[i];
    if (value !== undefined) outputs.push({ name: `gradient.${path}`, value });
  });
  if (reportGradient && first !== undefined) outputs.push({ name: 'gradient', value: first });
  if (optimizer !== undefined && first !== undefined) {
    const velocity = g.input(stateNames.velocity, theta.shape);
    const learningRate = g.input('learningRate', [1]);
    const next = g.within('sgd', () => sgd(g, { theta, velocity, gradient: first, learningRate }, optimizer));
    outputs.push({ name: 'gradientNorm', value: next.gradientNorm });
    outputs.push(
      { name: newState.theta, value: next.theta },
      { name: newState.velocity, value: next.velocity },
    );
    stateInputs[stateNames.velocity] = stateNames.velocity;
    stateOutputs[newState.theta] = stateNames.parameters;
    stateOutputs[newState.velocity] = stateNames.velocity;
  }
  return prune(g.build(outputs));
}

/** Inputs that nothing reads (the statistics of a step in training mode may be such) leave the program. */
function dropUnreadInputs(graph: Graph, stateInputs: Record<string, string>): Graph {
  const read = new Set([
    ...graph.nodes.flatMap(({ inputs }) => inputs),
    ...graph.outputs.map(({ value }) => value),
  ]);
  for (const input of graph.inputs) if (!read.has(input)) delete stateInputs[input.path];
  return { ...graph, inputs: graph.inputs.filter((input) => read.has(input)) };
}

/** The engine state that a network's programs share. */
export function stateLayout({ parameters, statistics }: NetworkState): StateLayout {
  return {
    [stateNames.parameters]: totalSize(parameters),
    [stateNames.velocity]: totalSize(parameters),
    [stateNames.statistics]: totalSize(statistics),
  };
}
