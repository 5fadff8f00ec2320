// The interpreter: runs a graph in float64 with naive loops. It states what each operation means; gradients are checked
// against it by finite differences, and every engine is compared with it.
import { GenonnxError } from '../errors.js';
import type { Graph, Node, OperationName, Shape, Value } from '../ir.js';
import { shapeText, sizeOf } from '../shapes.js';
import { kernels } from './kernels/index.js';
import type { Kernel, KernelContext } from './kernels/kernel.js';
import type { Tensor } from './tensor.js';

export { type Tensor, tensor } from './tensor.js';

/** Tensors for the graph's inputs: by value, or by the input's path. */
export type Feeds = ReadonlyMap<Value, Tensor> | Readonly<Record<string, Tensor>>;

/** Called after each node that ran, in order, those inside of open regions included. */
export type OnNode = (node: Node, results: readonly Tensor[]) => void;

export interface InterpretOptions {
  readonly onNode?: OnNode;
}

/**
 * Runs a graph. Results may share memory with feeds and constants: they are for reading.
 *
 * @returns the outputs by name.
 * @throws GenonnxError `graph` when an input is not fed, `shape` when a feed does not have its input's shape.
 */
export function interpret(
  graph: Graph,
  feeds: Feeds,
  { onNode }: InterpretOptions = {},
): Record<string, Tensor> {
  const inputs = graph.inputs.map((value) => feedOf(value, feeds));
  const context = contextOf(bindSymbols(graph.inputs, inputs), onNode);
  const results = context.run(graph, inputs);
  return Object.fromEntries(results.map((result, i) => [graph.outputs[i]?.name ?? '', result]));
}

function feedOf(value: Value, feeds: Feeds): Tensor {
  const found = isByValue(feeds) ? feeds.get(value) : byName(feeds, value.path);
  if (found === undefined) {
    throw new GenonnxError('graph', 'An input of the graph is not fed.', {
      expected: `${value.path} ${value.dtype}${shapeText(value.shape)}`,
    });
  }
  return found;
}

type ByValue = ReadonlyMap<Value, Tensor>;

function isByValue(feeds: Feeds): feeds is ByValue {
  return feeds instanceof Map;
}

function byName(feeds: Exclude<Feeds, ByValue>, name: string): Tensor | undefined {
  return Object.hasOwn(feeds, name) ? feeds[name] : undefined;
}

/** What the symbolic dimensions are in this run. */
function bindSymbols(inputs: readonly Value[], tensors: readonly Tensor[]): Map<string, number> {
  const bound = new Map<string, number>();
  inputs.forEach(({ shape, path }, i) => {
    const actual = tensors[i]?.shape ?? [];
    const fits = shape.every((dimension, axis) => {
      const size = actual[axis];
      if (typeof dimension === 'number' || size === undefined) return dimension === size;
      const known = bound.get(dimension);
      bound.set(dimension, size);
      return known === undefined || known === size;
    });
    if (!fits || actual.length !== shape.length) {
      throw new GenonnxError('shape', 'A feed does not have the shape of its input.', {
        where: path,
        expected: shapeText(shape),
        found: shapeText(actual),
      });
    }
  });
  return bound;
}

function contextOf(symbols: ReadonlyMap<string, number>, onNode: OnNode | undefined): KernelContext {
  const resolve = (shape: Shape): number[] =>
    shape.map((dimension) => {
      const size = sizeOf(dimension, symbols);
      if (size === undefined) throw new RangeError(`no input says what ${dimension} is`);
      return size;
    });
  const context: KernelContext = { resolve, run: (body, inputs) => run(body, inputs, context, onNode) };
  return context;
}

/** Runs the nodes in order, in an environment of its own: bodies of different regions share values. */
function run(
  graph: Graph,
  inputs: readonly Tensor[],
  context: KernelContext,
  onNode: OnNode | undefined,
): Tensor[] {
  const environment = new Map<Value, Tensor>();
  const read = (value: Value): Tensor => {
    const found = environment.get(value);
    if (found !== undefined) return found;
    throw new GenonnxError('graph', 'A value is used before it is made.', { where: value.path });
  };
  graph.inputs.forEach((value, i) => {
    const fed = inputs[i];
    if (fed !== undefined) environment.set(value, fed);
  });
  const lastUses = lastUsesOf(graph);
  graph.nodes.forEach((node, i) => {
    const results = applyKernel(node, node.inputs.map(read), context);
    node.outputs.forEach((value, k) => {
      const result = results[k];
      if (result !== undefined) environment.set(value, result);
    });
    onNode?.(node, results);
    for (const value of lastUses[i] ?? []) environment.delete(value);
  });
  return graph.outputs.map(({ value }) => read(value));
}

function applyKernel<K extends OperationName>(
  { op, attributes, path }: Node<K>,
  inputs: readonly Tensor[],
  context: KernelContext,
): readonly Tensor[] {
  const kernel: Kernel<K> = kernels[op];
  try {
    return kernel(inputs, attributes, context);
  } catch (error) {
    if (error instanceof GenonnxError) throw error;
    const found = inputs.map(({ shape }) => shapeText(shape)).join(', ');
    throw new GenonnxError('graph', `${op} cannot be interpreted.`, { where: path, found }, { cause: error });
  }
}

/** For each node, the values that nothing needs after it. */
function lastUsesOf({ inputs, nodes, outputs }: Graph): Value[][] {
  const last = new Map<Value, number>();
  for (const value of inputs) last.set(value, 0);
  nodes.forEach((node, i) => {
    for (const value of node.inputs) last.set(value, i);
    for (const value of node.outputs) last.set(value, i);
  });
  for (const { value } of outputs) last.delete(value);
  const freed: Value[][] = nodes.map(() => []);
  for (const [value, i] of last) freed[i]?.push(value);
  return freed;
}
