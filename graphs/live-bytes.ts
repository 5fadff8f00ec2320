// How much memory a graph needs, by its shapes alone: the values that are alive together where most are, in the regions
// whose gates are open. What kernels use inside is not counted.
import { bodiesOf } from './bodies.js';
import { type Graph, isOp, type Node, type Value } from './ir.js';
import { elementCount, sizeOf } from './shapes.js';

/** Truth values by graph input. */
export type Gates = ReadonlyMap<Value, ArrayLike<number>>;

/** What symbolic dimensions stand for; those without a size count as 1. */
export type Sizes = ReadonlyMap<string, number>;

/** Peak bytes of the values of a graph, those of its inputs included; only of those that count, where that is said. */
export function liveBytes(
  graph: Graph,
  gates: Gates,
  sizes: Sizes = new Map(),
  counts: (value: Value) => boolean = () => true,
): number {
  return peakOf(graph, new Map(gates), sizes, counts, true);
}

/**
 * Bytes of what the forward pass of a step leaves for the backward pass: values on the way to the loss that anything behind it
 * reads, without the inputs, parameters and constants. No step without recomputation needs less at its turning point.
 * @param loss the name of its output.
 */
export function savedBytes(graph: Graph, loss: string, sizes: Sizes = new Map()): number {
  const target = graph.outputs.find(({ name }) => name === loss)?.value;
  const producers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)),
  );
  const forward = new Set<Node>();
  const pending = target === undefined ? [] : [target];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const node = producers.get(value);
    if (node === undefined || forward.has(node)) continue;
    forward.add(node);
    pending.push(...node.inputs);
  }
  /** The value that a view shows a part of. */
  const source = (value: Value): Value => {
    const node = producers.get(value);
    const [viewed] = node?.inputs ?? [];
    return node !== undefined && viewed !== undefined && isView(node) ? source(viewed) : value;
  };
  const given = new Set(graph.inputs);
  const isGiven = (value: Value): boolean => {
    const node = producers.get(value);
    return (
      given.has(value) ||
      node === undefined ||
      node.op === 'constant' ||
      ((isView(node) || isOp(node, 'split')) && node.inputs.every(isGiven))
    );
  };
  const behind = graph.nodes.filter((node) => !forward.has(node));
  const read = behind.flatMap(({ inputs }) => inputs).map(source);
  const saved = new Set(
    read.filter((value) => {
      const node = producers.get(value);
      return node !== undefined && forward.has(node) && !isGiven(value);
    }),
  );
  return [...saved].reduce((sum, value) => sum + valueBytes(value, sizes), 0);
}

/** Bytes of a value of float32; others are too small to count. */
export function valueBytes({ shape, dtype }: Value, sizes: Sizes = new Map()): number {
  return dtype === 'float32' ? 4 * elementCount(shape.map((dimension) => sizeOf(dimension, sizes) ?? 1)) : 0;
}

function peakOf(
  graph: Graph,
  gates: Map<Value, ArrayLike<number>>,
  sizes: Sizes,
  counts: (value: Value) => boolean,
  countsInputs: boolean,
): number {
  const bytesOf = (value: Value): number => (counts(value) ? valueBytes(value, sizes) : 0);
  const last = new Map<Value, number>();
  graph.nodes.forEach((node, i) => {
    for (const value of [...node.outputs, ...node.inputs]) last.set(value, i);
  });
  const kept = new Set(graph.outputs.map(({ value }) => value));
  const alive = new Map<Value, number>();
  let bytes = 0;
  let peak = 0;
  const take = (value: Value, size: number): void => {
    alive.set(value, size);
    bytes += size;
  };
  if (countsInputs) for (const value of graph.inputs) take(value, bytesOf(value));
  graph.nodes.forEach((node, i) => {
    combineGates(node, gates);
    const closed = isOp(node, 'region') && !isOpen(node, gates);
    const inside = closed ? [] : bodiesOf(node).map((body) => peakOf(body, gates, sizes, counts, false));
    peak = Math.max(peak, bytes + Math.max(0, ...inside));
    for (const value of node.outputs) take(value, closed || isView(node) ? 0 : bytesOf(value));
    peak = Math.max(peak, bytes);
    for (const value of new Set([...node.inputs, ...node.outputs])) {
      if (last.get(value) !== i || kept.has(value)) continue;
      bytes -= alive.get(value) ?? 0;
      alive.delete(value);
    }
  });
  return peak;
}

/** Reshapes share memory. */
function isView(node: Node): boolean {
  return isOp(node, 'reshape');
}

function isOpen({ inputs, attributes }: Node<'region'>, gates: Gates): boolean {
  const [values] = inputs;
  const found = values === undefined ? undefined : gates.get(values);
  return found === undefined || found[attributes.gateIndex] !== 0;
}

function combineGates(node: Node, gates: Map<Value, ArrayLike<number>>): void {
  const [result] = node.outputs;
  const [a, b] = node.inputs.map((value) => gates.get(value));
  if (result === undefined || a === undefined) return;
  if (isOp(node, 'not'))
    gates.set(
      result,
      Array.from(a, (open) => (open === 0 ? 1 : 0)),
    );
  if (isOp(node, 'and') && b !== undefined)
    gates.set(
      result,
      Array.from(a, (open, i) => (open !== 0 && b[i] !== 0 ? 1 : 0)),
    );
}
