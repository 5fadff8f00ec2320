// Training steps as programs. A network that was traced with its loss becomes one graph that also holds its backward
// pass, its optimizer and its running statistics; parameters, statistics and what the optimizer remembers are state.
import { Builder } from '../../graphs/builder.js';
import { differentiate } from '../../graphs/differentiate.js';
import type { Graph, Output, Value } from '../../graphs/ir.js';
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import { distributeConcat } from '../../graphs/passes/distribute-concat.js';
import { prune } from '../../graphs/passes/prune.js';
import { recalculate } from '../../graphs/passes/recalculate.js';
import type { Program, StateLayout } from '../../graphs/program.js';
import { fixed, fixedShape, sameShape, shapeText } from '../../graphs/shapes.js';
import { layOut, type Slot, totalSize } from '../../graphs/slots.js';
import { GenonnxError } from '../errors.js';

/** The state of every network: names of vectors, which are also those of the graph inputs that read them. */
export const stateNames = { parameters: 'parameters', statistics: 'statistics' } as const;

/**
 * What a step hands on to the next one of its kind, such as the hidden state of a recurrent network: zero before the first one.
 * No gradient flows back from one step into another. Where a sequence begins anew is for the step's feeds to say: with a factor
 * of 0 on what was carried, for instance.
 */
export interface Carried {
  /** f32[n], an input of the graph; its path is the name of the vector. */
  readonly before: Value;
  /** f32[n]. */
  readonly after: Value;
}

/** A network with its loss, still without backward pass. */
export interface TracedLoss {
  readonly g: Builder;
  /** f32[]. */
  readonly loss: Value;
  /** What a step reports beside the loss. */
  readonly reports: readonly Output[];
  readonly carried?: readonly Carried[];
}

/** Flat vectors by name, each as the slots that it consists of: their sizes, and how they begin. */
export interface StepState {
  readonly parameters: readonly Slot[];
  readonly statistics: readonly Slot[];
  /** What is carried from step to step, and what an optimizer remembers. */
  readonly [name: string]: readonly Slot[];
}

export interface StepOptions {
  readonly name: string;
  /** What moves the weights; without it they stay as they are and get no gradient. */
  readonly optimizer?: Optimizer;
  /** Inputs whose gradient is reported, as `gradient.<path>`. */
  readonly gradientsOf?: readonly Value[];
  /** Also report the flat weight gradient, as `gradient`. */
  readonly reportGradient?: boolean;
  /** Whether running statistics move. */
  readonly movesStatistics: boolean;
  /**
   * Which sequence of steps it belongs to, where several share a state: each carries its own vectors, `NAME.STREAM`. Without it
   * they have the names of their inputs.
   */
  readonly stream?: string;
}

export interface Step {
  readonly program: Program;
  readonly state: StepState;
}

/**
 * Completes a traced loss to a training (or evaluation) program. With an optimizer it takes `learningRate`, f32[1].
 * @throws GenonnxError `graph` where a name of the optimizer's state is that of an input, or what is carried changes its shape.
 */
export function buildStep(traced: TracedLoss, options: StepOptions): Step {
  const { g, loss, reports, carried = [] } = traced;
  const state = stateWith(options.optimizer, networkState(traced, options.stream));
  const parameters = g.flatten('parameters', stateNames.parameters);
  const statistics = g.flatten('statistics', stateNames.statistics);
  const outputs: Output[] = [{ name: 'loss', value: loss }, ...reports];
  if (options.movesStatistics)
    outputs.push({ name: nextOf(stateNames.statistics), value: g.add(statistics, g.statisticsDelta()) });
  outputs.push(...carried.map(({ before, after }) => ({ name: nextOf(before.path), value: after })));
  const forward = distributeConcat(g.build(outputs));
  const graph = withoutUnreadInputs(addBackward(forward, parameters, options));

  const carriedInputs = new Map(
    carried.map(({ before: { path } }) => [vectorOf(path, options.stream), path]),
  );
  const bound = Object.keys(state).map((vector) => [carriedInputs.get(vector) ?? vector, vector] as const);
  const read = bound.filter(([input]) => graph.inputs.some(({ path }) => path === input));
  const written = bound.filter(([input]) => graph.outputs.some(({ name }) => name === nextOf(input)));
  return {
    program: {
      name: options.name,
      graph,
      stateInputs: Object.fromEntries(read),
      stateOutputs: Object.fromEntries(written.map(([input, vector]) => [nextOf(input), vector])),
      guard: 'loss',
    },
    state,
  };
}

/** The vector of what is carried as `input` in a stream. */
export function vectorOf(input: string, stream: string | undefined): string {
  return stream === undefined ? input : `${input}.${stream}`;
}

/** What a step's graph calls the new state. */
function nextOf(name: string): string {
  return `${name}.next`;
}

function addBackward(
  forward: Graph,
  parameters: Value,
  { optimizer, gradientsOf = [], reportGradient = false }: StepOptions,
): Graph {
  const learns = optimizer !== undefined || reportGradient;
  if (!learns && gradientsOf.length === 0) return forward;
  const g = Builder.continueFrom(forward);
  const loss = forward.outputs[0]?.value;
  if (loss === undefined) throw new GenonnxError('graph', 'A step needs a loss.');
  const gradients = differentiate(g, loss, learns ? [parameters, ...gradientsOf] : gradientsOf);
  const [gradient, ...reported] = learns ? gradients : [undefined, ...gradients];
  const outputs = [...forward.outputs];
  gradientsOf.forEach(({ path }, i) => {
    const value = reported[i];
    if (value !== undefined) outputs.push({ name: `gradient.${path}`, value });
  });
  if (reportGradient && gradient !== undefined) outputs.push({ name: 'gradient', value: gradient });
  if (optimizer !== undefined && gradient !== undefined)
    outputs.push(...traceOptimizer(g, forward, optimizer, parameters, gradient));
  return recalculate(prune(g.build(outputs)), loss);
}

function traceOptimizer(
  g: Builder,
  { inputs }: Graph,
  optimizer: Optimizer,
  parameters: Value,
  gradient: Value,
): Output[] {
  const slots = Object.fromEntries(
    Object.entries(slotsOf(optimizer, fixed(parameters.shape[0], 'parameters'))).map(([name, own]) => {
      if (inputs.some(({ path }) => path === name)) throw taken(optimizer, name);
      return [name, g.input(name, [totalSize(own)])];
    }),
  );
  const learningRate = g.input('learningRate', [1]);
  const next = g.within(optimizer.name, () =>
    optimizer.update(g, { parameters, gradient, learningRate, slots }),
  );
  const state = { [stateNames.parameters]: next.parameters, ...next.slots };
  return [...next.reports, ...Object.entries(state).map(([name, value]) => ({ name: nextOf(name), value }))];
}

function reshaped(before: Value, after: Value): GenonnxError {
  return new GenonnxError('graph', 'What a step carries to the next one has another shape there.', {
    where: before.path,
    expected: shapeText(before.shape),
    found: shapeText(after.shape),
    cure: 'Hand on the flat vector that the step itself reads.',
  });
}

function taken({ name }: Optimizer, slot: string): GenonnxError {
  return new GenonnxError('graph', 'What an optimizer remembers has the name of an input.', {
    where: name,
    found: slot,
    cure: 'Give the slot another name.',
  });
}

/** Inputs that nothing reads (the statistics of a step in training mode may be such) leave the program. */
function withoutUnreadInputs(graph: Graph): Graph {
  const read = new Set([
    ...graph.nodes.flatMap(({ inputs }) => inputs),
    ...graph.outputs.map(({ value }) => value),
  ]);
  return { ...graph, inputs: graph.inputs.filter((input) => read.has(input)) };
}

/** The state of a network by itself, with what its steps in a stream carry. */
export function networkState({ g, carried = [] }: TracedLoss, stream?: string): StepState {
  const vectors = carried.map(({ before, after }): [string, readonly Slot[]] => {
    const name = vectorOf(before.path, stream);
    if (!sameShape(before.shape, after.shape)) throw reshaped(before, after);
    const shape = fixedShape(before.shape, before.path);
    return [name, layOut([{ name, path: before.path, shape, initial: { kind: 'constant', value: 0 } }])];
  });
  return {
    parameters: g.slots('parameters'),
    statistics: g.slots('statistics'),
    ...Object.fromEntries(vectors),
  };
}

/** The state of a network that an optimizer trains, which all programs of the network can share. */
export function stateWith(optimizer: Optimizer | undefined, network: StepState): StepState {
  return optimizer === undefined
    ? network
    : { ...network, ...slotsOf(optimizer, totalSize(network.parameters)) };
}

function slotsOf(optimizer: Optimizer, parameters: number): Readonly<Record<string, readonly Slot[]>> {
  return Object.fromEntries(
    Object.entries(optimizer.slots).map(([name, size]) => {
      const shape = [size === 'parameters' ? parameters : size];
      const path = `${optimizer.name}/${name}`;
      return [name, layOut([{ name, path, shape, initial: { kind: 'constant', value: 0 } }])];
    }),
  );
}

/** The sizes of the vectors. */
export function stateLayout(state: StepState): StateLayout {
  return Object.fromEntries(Object.entries(state).map(([name, slots]) => [name, totalSize(slots)]));
}
