// The builder: what networks, losses and optimizers are written with. It infers types, keeps nodes in order, collects
// the parameters and the running statistics that a network asks for, and closes over gated regions.
import { GenonnxError } from './errors.js';
import type {
  Alignment,
  ConvolutionAttributes,
  DType,
  Graph,
  Node,
  OperationAttributes,
  OperationName,
  Output,
  Pair,
  PoolAttributes,
  Shape,
  TensorType,
  Value,
} from './ir.js';
import { operations } from './operations/index.js';
import type { OperationRule } from './operations/rule.js';
import { elementCount, fixedShape, sameShape } from './shapes.js';
import { type Initial, layOut, type Slot, type SlotDefinition } from './slots.js';

export interface Convolution {
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
  readonly bias?: Value;
}

export interface Pool {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation?: number;
}

export interface RegionOptions {
  readonly gates: Value;
  readonly backwardGates: Value;
  readonly gateIndex: number;
  /** Gradients flow into none of the captures but these (all of them when absent). */
  readonly differentiable?: readonly Value[];
}

export interface ScanOptions {
  /** What a step hands on to the next one, as it is before the first. */
  readonly states: readonly Value[];
  /** f32[T, ...] each; at least one. */
  readonly sequences: readonly Value[];
  /** What is the same in every step. */
  readonly captures: readonly Value[];
  /** From the last element to the first. */
  readonly reversed?: boolean;
}

/** The inputs of a scan as its body sees them. */
export interface ScanValues {
  readonly states: readonly Value[];
  readonly elements: readonly Value[];
  readonly captures: readonly Value[];
}

type SlotKind = 'parameters' | 'statistics';

/** Slots that travel together: one alone, or all of a region, which captures them as one flat vector. */
interface SlotGroup {
  readonly value: Value;
  readonly members: readonly SlotDefinition[];
}

interface Store {
  readonly groups: SlotGroup[];
  readonly byName: Map<string, SlotGroup>;
}

interface StatisticsUpdate {
  readonly value: Value;
  readonly batch: Value;
}

/** Fraction of the way that a running statistic moves towards a batch's (PyTorch's `momentum`). */
export const statisticsMomentum = 0.1;

export class Builder {
  #nodes: Node[] = [];
  #prologue: Node[] = [];
  readonly #inputs: Value[] = [];
  readonly #means = new Map<Value, Value>();
  readonly #scalars = new Map<string, Value>();
  readonly #stores: Record<SlotKind, Store> = {
    parameters: { groups: [], byName: new Map() },
    statistics: { groups: [], byName: new Map() },
  };
  readonly #updates: StatisticsUpdate[] = [];
  readonly #deltas = new Map<Value, Value[]>();
  readonly #replaced = new Map<Node, Node>();
  #path = '';
  /** What stands before the names of parameters and statistics. */
  #names = '';

  /** A builder that goes on where a graph ended. The graph itself stays as it is. */
  static continueFrom(graph: Graph): Builder {
    const builder = new Builder();
    builder.#nodes = [...graph.nodes];
    builder.#inputs.push(...graph.inputs);
    return builder;
  }

  /** Everything recorded so far, in order. */
  get nodes(): readonly Node[] {
    return [...this.#prologue, ...this.#nodes];
  }

  /** Where in the network the next node arises. */
  get path(): string {
    return this.#path;
  }

  /** Runs `build` one level deeper in the network's path. */
  within<T>(name: string, build: () => T): T {
    const outer = this.#path;
    this.#path = outer === '' ? name : `${outer}/${name}`;
    try {
      return build();
    } finally {
      this.#path = outer;
    }
  }

  /** Runs `build`, which asks for parameters and statistics: their names get `prefix.` in front, their paths do not. */
  named<T>(prefix: string, build: () => T): T {
    const outer = this.#names;
    this.#names = `${outer}${prefix}.`;
    try {
      return build();
    } finally {
      this.#names = outer;
    }
  }

  input(name: string, shape: Shape, dtype: DType = 'float32'): Value {
    const value: Value = { shape, dtype, path: name };
    this.#inputs.push(value);
    return value;
  }

  /** Applies an operation and returns its results. @throws GenonnxError `shape` when the inputs do not fit. */
  apply<K extends OperationName>(
    op: K,
    inputs: readonly Value[],
    attributes: OperationAttributes[K],
  ): readonly Value[] {
    const rule: OperationRule<K> = operations[op];
    const path = this.#path;
    const outputs = this.#inferAt(rule, inputs, attributes).map((type): Value => ({ ...type, path }));
    const node: Node<K> = { op, inputs, outputs, attributes, path };
    this.#nodes.push(node);
    return outputs;
  }

  #inferAt<K extends OperationName>(
    rule: OperationRule<K>,
    inputs: readonly Value[],
    attributes: OperationAttributes[K],
  ): TensorType[] {
    try {
      return rule.infer(inputs, attributes);
    } catch (error) {
      if (!(error instanceof GenonnxError) || this.#path === '') throw error;
      const where = `${this.#path} (${error.details.where ?? 'graph'})`;
      throw new GenonnxError(error.code, 'Shapes do not fit.', { ...error.details, where }, { cause: error });
    }
  }

  /** Applies an operation whose first result is the one wanted. */
  one<K extends OperationName>(op: K, inputs: readonly Value[], attributes: OperationAttributes[K]): Value {
    const [first] = this.apply(op, inputs, attributes);
    if (first === undefined) throw new RangeError(`${op} has no result`);
    return first;
  }

  /** Puts another node in an old one's place; the old one's outputs must still be produced. */
  replace(old: Node, replacement: Node): void {
    const index = this.#nodes.indexOf(old);
    if (index < 0) throw new RangeError('replace: not a node of this graph');
    this.#nodes[index] = replacement;
    this.#replaced.set(old, replacement);
  }

  /** What stands in a node's place by now, itself where nothing replaced it. */
  current(node: Node): Node {
    const replacement = this.#replaced.get(node);
    return replacement === undefined ? node : this.current(replacement);
  }

  // -- constants

  constant(data: Iterable<number>, shape: readonly number[], dtype: DType = 'float32'): Value {
    return this.one('constant', [], { data: Float64Array.from(data), shape, dtype });
  }

  /** A constant with every element equal; each is made once. */
  filled(value: number, shape: readonly number[]): Value {
    const key = `${value}:${shape.join()}`;
    const found = this.#scalars.get(key);
    if (found !== undefined) return found;
    const data = new Float64Array(elementCount(shape)).fill(value);
    const node: Node<'constant'> = {
      op: 'constant',
      inputs: [],
      outputs: [{ shape, dtype: 'float32', path: '' }],
      attributes: { data, shape, dtype: 'float32' },
      path: '',
    };
    this.#prologue.push(node);
    const [made] = node.outputs;
    if (made === undefined) throw new RangeError('constant');
    this.#scalars.set(key, made);
    return made;
  }

  scalar(value: number): Value {
    return this.filled(value, []);
  }

  /** Of a shape that is known, or else of what it turns out to be. */
  zeros(shape: Shape): Value {
    const known = shape.filter((size) => typeof size === 'number');
    return known.length === shape.length ? this.filled(0, known) : this.expand(this.scalar(0), shape);
  }

  // -- operations, as networks call them

  conv2d(
    x: Value,
    weight: Value,
    { stride = 1, padding = 0, dilation = 1, groups = 1, bias }: Convolution = {},
  ): Value {
    const attributes: ConvolutionAttributes = {
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      dilations: [dilation, dilation],
      groups,
    };
    return this.one('conv2d', bias === undefined ? [x, weight] : [x, weight, bias], attributes);
  }
  maxPool2d(x: Value, pool: Pool): Value {
    return this.one('maxPool2d', [x], poolAttributes(pool));
  }
  averagePool2d(x: Value, pool: Pool): Value {
    return this.one('averagePool2d', [x], poolAttributes(pool));
  }
  /** The mean over images and pixels, f32[C]; taken once for each x. */
  channelMean(x: Value): Value {
    const found = this.#means.get(x);
    if (found !== undefined) return found;
    const mean = this.one('channelMean', [x], {});
    this.#means.set(x, mean);
    return mean;
  }
  globalAveragePool(x: Value): Value {
    return this.one('globalAveragePool', [x], {});
  }
  /** Bilinear interpolation to another height and width. */
  resize(x: Value, extent: Pair, alignment: Alignment): Value {
    return this.one('resize', [x], { extent, alignment });
  }
  relu(x: Value): Value {
    return this.one('relu', [x], {});
  }
  neg(x: Value): Value {
    return this.one('neg', [x], {});
  }
  sigmoid(x: Value): Value {
    return this.one('sigmoid', [x], {});
  }
  tanh(x: Value): Value {
    return this.one('tanh', [x], {});
  }
  sqrt(x: Value): Value {
    return this.one('sqrt', [x], {});
  }
  add(a: Value, b: Value): Value {
    return this.one('add', [a, b], {});
  }
  sub(a: Value, b: Value): Value {
    return this.one('sub', [a, b], {});
  }
  mul(a: Value, b: Value): Value {
    return this.one('mul', [a, b], {});
  }
  div(a: Value, b: Value): Value {
    return this.one('div', [a, b], {});
  }
  /** The value itself, to which no gradient flows back. */
  detach(x: Value): Value {
    return this.one('detach', [x], {});
  }
  /** The sum of equally shaped terms; one term is itself. */
  sum(terms: readonly Value[]): Value {
    const [only] = terms;
    return terms.length === 1 && only !== undefined ? only : this.one('sum', terms, {});
  }
  matMul(a: Value, b: Value, transposeA = false, transposeB = false): Value {
    return this.one('matMul', [a, b], { transposeA, transposeB });
  }
  reduceSum(x: Value, axes: readonly number[], keepDims = false): Value {
    return this.one('reduceSum', [x], { axes, keepDims });
  }
  reshape(x: Value, shape: Shape): Value {
    return sameShape(x.shape, shape) ? x : this.one('reshape', [x], { shape });
  }
  expand(x: Value, shape: Shape): Value {
    return sameShape(x.shape, shape) ? x : this.one('expand', [x], { shape });
  }
  /** x[indices] along the first axis. */
  gather(x: Value, indices: Value): Value {
    return this.one('gather', [x, indices], {});
  }
  concat(parts: readonly Value[], axis: number): Value {
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : this.one('concat', parts, { axis });
  }
  split(x: Value, axis: number, sizes: readonly number[]): readonly Value[] {
    return sizes.length === 1 ? [x] : this.apply('split', [x], { axis, sizes });
  }

  // -- parameters and statistics

  /** A trainable array, named as a PyTorch state dict names it. Asking for it again gives the same value. */
  parameter(name: string, shape: readonly number[], initial: Initial): Value {
    return this.#slot('parameters', [this.#definition(name, shape, initial)], shape);
  }

  /** An array that a step moves towards a batch's statistics instead of training it. */
  statistic(name: string, shape: readonly number[], initial: Initial): Value {
    return this.#slot('statistics', [this.#definition(name, shape, initial)], shape);
  }

  #definition(name: string, shape: readonly number[], initial: Initial): SlotDefinition {
    const leaf = name.slice(name.lastIndexOf('.') + 1);
    const path = this.#path === '' ? name : `${this.#path}/${leaf}`;
    return { name: `${this.#names}${name}`, path, shape, initial };
  }

  /** Moves a running statistic towards a batch's: old + 0.1 (batch - old). It stays where its region is closed. */
  updateStatistic(value: Value, batch: Value): void {
    this.#updates.push({ value, batch });
  }

  /** Replaces a running statistic at the end of a step. */
  setStatistic(value: Value, next: Value): void {
    this.#addDelta(value, this.sub(next, value));
  }

  #slot(kind: SlotKind, members: readonly SlotDefinition[], shape: readonly number[]): Value {
    const store = this.#stores[kind];
    const key = members.map(({ name }) => name).join();
    const found = store.byName.get(key);
    if (found !== undefined) return found.value;
    const group = { value: { shape, dtype: 'float32' as const, path: members[0]?.name ?? '' }, members };
    store.groups.push(group);
    store.byName.set(key, group);
    return group.value;
  }

  /** The slots in the order of the flat vector. */
  slots(kind: SlotKind): Slot[] {
    return layOut(this.#stores[kind].groups.flatMap(({ members }) => members));
  }

  /** Makes the flat vector of all slots an input and cuts it up at the start of the graph. */
  flatten(kind: SlotKind, name: string): Value {
    const { groups } = this.#stores[kind];
    const sizes = groups.map(({ value }) => elementCount(fixedShape(value.shape, name)));
    const flat = this.input(name, [sizes.reduce((a, b) => a + b, 0)]);
    this.#prologue.push(...cutUp(flat, groups));
    return flat;
  }

  /** Makes every slot an input of its own: how inference models take their weights. In the order of `slots`. */
  slotInputs(kind: SlotKind): readonly Value[] {
    const values = this.#stores[kind].groups.map(({ value }) => value);
    this.#inputs.push(...values);
    return values;
  }

  /** What one step adds to the flat statistics vector. */
  statisticsDelta(): Value {
    for (const { value, batch } of this.#updates.splice(0))
      this.#addDelta(value, this.#movement(value, batch));
    const parts = this.#stores.statistics.groups.map(({ value }) => {
      const size = elementCount(fixedShape(value.shape, value.path));
      const deltas = this.#deltas.get(value);
      return deltas === undefined ? this.zeros([size]) : this.reshape(this.sum(deltas), [size]);
    });
    return parts.length === 0 ? this.zeros([0]) : this.concat(parts, 0);
  }

  #movement(old: Value, batch: Value): Value {
    return this.mul(this.sub(batch, old), this.scalar(statisticsMomentum));
  }

  #addDelta(group: Value, delta: Value): void {
    const deltas = this.#deltas.get(group);
    if (deltas === undefined) this.#deltas.set(group, [delta]);
    else deltas.push(delta);
  }

  // -- gated regions

  /**
   * Traces `build` as a gated region over `captures`. What the body asks for as parameters and statistics becomes one
   * flat capture each. The result is the zero tensor where the gate is closed.
   */
  region(
    options: RegionOptions,
    captures: readonly Value[],
    build: (body: Builder, inner: readonly Value[]) => Value,
  ): Value {
    const body = new Builder();
    body.#path = this.#path;
    body.#names = this.#names;
    const inner = captures.map(({ shape, dtype, path }) => body.input(path, shape, dtype));
    const result = build(body, inner);
    const outputs: Output[] = [{ name: 'result', value: result }];
    const outer = [...captures];

    const statistics = this.#capture('statistics', body, outer);
    if (statistics !== undefined && body.#updates.length > 0) {
      const batches = new Map(body.#updates.map(({ value, batch }) => [value, batch]));
      const parts = body.#stores.statistics.groups.map(({ value }) =>
        body.reshape(batches.get(value) ?? value, [elementCount(fixedShape(value.shape, value.path))]),
      );
      outputs.push({ name: 'statistics', value: body.#movement(statistics.inner, body.concat(parts, 0)) });
    }
    this.#capture('parameters', body, outer);

    const { gates, backwardGates, gateIndex, differentiable } = options;
    const parameterCapture = body.#stores.parameters.groups.length > 0 ? outer.at(-1) : undefined;
    const stopped = outer.map((value) =>
      differentiable === undefined
        ? value === statistics?.outer
        : !differentiable.includes(value) || value === parameterCapture,
    );
    const [value, delta] = this.apply('region', [gates, backwardGates, ...outer], {
      gateIndex,
      stopped,
      body: body.build(outputs),
    });
    if (value === undefined) throw new RangeError('region without result');
    if (delta !== undefined && statistics !== undefined) this.#addDelta(statistics.outer, delta);
    return value;
  }

  // -- recurrence

  /**
   * Traces `build` as the body of a scan: it gets the states, an element of each sequence (f32[T, ...] without the first
   * axis) and the captures, and gives the next states, in their order, and results, which are stacked.
   * @throws GenonnxError `graph` for parameters and statistics inside of it: they are captures.
   */
  scan(
    { states, sequences, captures, reversed = false }: ScanOptions,
    build: (
      body: Builder,
      inner: ScanValues,
    ) => { readonly states: readonly Value[]; readonly results: readonly Value[] },
  ): { readonly states: readonly Value[]; readonly results: readonly Value[] } {
    const body = new Builder();
    body.#path = this.#path;
    const enter = ({ path, dtype }: Value, shape: Shape): Value => body.input(path, shape, dtype);
    const inner: ScanValues = {
      states: states.map((value) => enter(value, value.shape)),
      elements: sequences.map((value) => enter(value, value.shape.slice(1))),
      captures: captures.map((value) => enter(value, value.shape)),
    };
    const { states: next, results } = build(body, inner);
    if (body.slots('parameters').length + body.slots('statistics').length > 0) {
      throw new GenonnxError('graph', 'The body of a scan has weights of its own.', {
        where: this.#path,
        cure: 'Ask for them outside, and give them to the scan as captures.',
      });
    }
    const outputs = [...next, ...results].map((value, i): Output => ({ name: `output${i}`, value }));
    const made = this.apply('scan', [...states, ...sequences, ...captures], {
      body: body.build(outputs),
      states: states.length,
      sequences: sequences.length,
      reversed,
    });
    return { states: made.slice(0, states.length), results: made.slice(states.length) };
  }

  /** Passes a body's slots on to this builder as one group, and gives the body a flat capture to cut up. */
  #capture(kind: SlotKind, body: Builder, outer: Value[]): { outer: Value; inner: Value } | undefined {
    const members = body.slots(kind);
    if (members.length === 0) return undefined;
    const size = members.reduce((sum, slot) => sum + slot.size, 0);
    const group = this.#slot(kind, members, [size]);
    outer.push(group);
    return { outer: group, inner: body.flatten(kind, kind) };
  }

  build(outputs: readonly Output[]): Graph {
    return { inputs: [...this.#inputs], nodes: this.nodes, outputs };
  }
}

/** Nodes that cut a flat vector into the values of the groups. */
function cutUp(flat: Value, groups: readonly SlotGroup[]): Node[] {
  const nodes: Node[] = [];
  const sizes = groups.map(({ value }) => elementCount(fixedShape(value.shape, value.path)));
  const pieces = groups.map(
    ({ value }, i): Value =>
      value.shape.length === 1 ? value : { shape: [sizes[i] ?? 0], dtype: 'float32', path: value.path },
  );
  const split: Node<'split'> = {
    op: 'split',
    inputs: [flat],
    outputs: pieces,
    attributes: { axis: 0, sizes },
    path: '',
  };
  if (groups.length > 0) nodes.push(split);
  groups.forEach(({ value }, i) => {
    const piece = pieces[i];
    if (piece === undefined || piece === value) return;
    const node: Node<'reshape'> = {
      op: 'reshape',
      inputs: [piece],
      outputs: [value],
      attributes: { shape: value.shape },
      path: value.path,
    };
    nodes.push(node);
  });
  return nodes;
}

function poolAttributes({ kernel, stride, padding, dilation = 1 }: Pool): PoolAttributes {
  const pair = (size: number): Pair => [size, size];
  const pads = [padding, padding, padding, padding] as const;
  const windows = { kernel: pair(kernel), strides: pair(stride), pads };
  return dilation === 1 ? windows : { ...windows, dilations: pair(dilation) };
}
