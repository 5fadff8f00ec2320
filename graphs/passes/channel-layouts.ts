// Which maps of a graph may have more channels than they need, and where their own channels are then.
//
// Maps whose channels correspond one to one (over a ReLU, a pooling, a depthwise convolution, a sum) are of one class and
// have one layout. A class begins at dense convolutions, whose weights can be given rows of zeros, or at a concatenation,
// whose layout is that of its parts, one after the other; it ends where weights can be given columns of zeros. All else
// (what is fed, what is returned, what is not known here) pins a class to its own channels.
import type { BoundGraph } from '../bound-graph.js';
import { type Graph, isOp, type Node, type Value } from '../ir.js';
import { fixed, sameShape } from '../shapes.js';

/** For every channel of the padded map, which one of its own it is; `padding` for none. */
export type ChannelLayout = readonly number[];

export const padding = -1;

/** Layouts of the values whose channels are padded to multiples of `block`; values not in it stay as they are. */
export function channelLayouts({ graph, weights }: BoundGraph, block: number): Map<Value, ChannelLayout> {
  const classes = classify(graph, weights);
  const layouts = new Map<Value, ChannelLayout>();
  for (const { op, inputs, outputs, path } of graph.nodes) {
    const [y] = outputs;
    const root = y && classes.find(y);
    if (y === undefined || root === undefined || classes.isPinned(y) || layouts.has(root)) continue;
    const channels = fixed(y.shape[1], path);
    const layout =
      op === 'concat'
        ? joined(inputs.map((part) => layouts.get(classes.find(part)) ?? identity(part)))
        : identity(y).concat(new Array((block - (channels % block)) % block).fill(padding));
    // Also one without padding: a later node of the class would choose another one.
    layouts.set(root, layout);
  }
  return new Map(
    graph.nodes.flatMap(({ outputs }) =>
      outputs.flatMap((value) => {
        const layout = layouts.get(classes.find(value));
        return layout?.includes(padding) ? [[value, layout] as const] : [];
      }),
    ),
  );
}

/** How an operation treats channels; undefined for one that wants them as they are. */
export type ChannelRole =
  /** Output channel c comes from channel c of every map among the inputs; the vectors have a number for each. */
  | { readonly kind: 'follows'; readonly maps: readonly Value[]; readonly vectors: readonly Value[] }
  /** Every output channel comes from all input channels, by a weight with a row for each output channel. */
  | { readonly kind: 'mixes'; readonly x: Value; readonly weights: readonly Value[]; readonly bias?: Value }
  /** Likewise, but its output channels stay as they are. */
  | { readonly kind: 'ends'; readonly x: Value; readonly weights: readonly Value[] }
  | { readonly kind: 'concatenates' };

export function channelRole(node: Node, weights: BoundGraph['weights']): ChannelRole | undefined {
  const [x, ...others] = node.inputs;
  const [y] = node.outputs;
  if (x === undefined || y === undefined || weights.has(x)) return undefined;
  const bound = others.every((value) => weights.has(value));
  const [weight, bias] = others;
  if (isOp(node, 'concat')) {
    const ofMaps = node.attributes.axis === 1 && x.shape.length === 4;
    return ofMaps && others.every((value) => !weights.has(value)) ? { kind: 'concatenates' } : undefined;
  }
  if (isOp(node, 'conv2d')) {
    if (weight === undefined || !bound) return undefined;
    const { groups } = node.attributes;
    if (groups === 1) return { kind: 'mixes', x, weights: [weight], ...(bias === undefined ? {} : { bias }) };
    const isDepthwise = groups === weight.shape[0] && weight.shape[1] === 1;
    return isDepthwise ? { kind: 'follows', maps: [x], vectors: others } : undefined;
  }
  if (isOp(node, 'matMul')) {
    const { transposeA, transposeB } = node.attributes;
    return bound && !transposeA && transposeB ? { kind: 'ends', x, weights: others } : undefined;
  }
  if (isOp(node, 'add') || isOp(node, 'sum')) {
    const alike = node.inputs.every((value) => sameShape(value.shape, y.shape) && !weights.has(value));
    return alike && y.shape.length === 4 ? { kind: 'follows', maps: node.inputs, vectors: [] } : undefined;
  }
  const unary =
    isOp(node, 'relu') ||
    isOp(node, 'maxPool2d') ||
    isOp(node, 'averagePool2d') ||
    isOp(node, 'globalAveragePool');
  return unary && x.shape.length === 4 ? { kind: 'follows', maps: [x], vectors: [] } : undefined;
}

function classify(graph: Graph, weights: BoundGraph['weights']): Classes {
  const classes = new Classes();
  const origins: { readonly value: Value; readonly parts: readonly Value[] }[] = [];
  for (const value of [...graph.inputs, ...graph.outputs.map((output) => output.value)]) classes.pin(value);
  for (const node of graph.nodes) {
    const role = channelRole(node, weights);
    const [y] = node.outputs;
    if (role === undefined || y === undefined)
      for (const value of [...node.inputs, ...node.outputs]) classes.pin(value);
    else if (role.kind === 'follows') for (const map of role.maps) classes.join(map, y);
    else if (role.kind === 'ends') classes.pin(y);
    else origins.push({ value: y, parts: role.kind === 'concatenates' ? node.inputs : [] });
  }
  // A class that begins at a concatenation and elsewhere too would need one layout for both.
  const begins = new Map<Value, number>();
  for (const { value } of origins) {
    const root = classes.find(value);
    begins.set(root, (begins.get(root) ?? 0) + 1);
  }
  const concats = origins.filter(({ parts }) => parts.length > 0);
  for (const { value } of concats) if ((begins.get(classes.find(value)) ?? 0) > 1) classes.pin(value);
  // What is pinned behind a concatenation pins its parts: the last ones first.
  for (const { value, parts } of concats.toReversed())
    if (classes.isPinned(value)) for (const part of parts) classes.pin(part);
  return classes;
}

/** Disjoint sets of values; a set with a pinned value is pinned. */
class Classes {
  readonly #parents = new Map<Value, Value>();
  readonly #pinned = new Set<Value>();

  find(value: Value): Value {
    const parent = this.#parents.get(value);
    if (parent === undefined) return value;
    const root = this.find(parent);
    this.#parents.set(value, root);
    return root;
  }

  join(one: Value, other: Value): void {
    const [from, to] = [this.find(one), this.find(other)];
    if (from === to) return;
    this.#parents.set(from, to);
    if (this.#pinned.has(from)) this.#pinned.add(to);
  }

  pin(value: Value): void {
    this.#pinned.add(this.find(value));
  }

  isPinned(value: Value): boolean {
    return this.#pinned.has(this.find(value));
  }
}

function identity({ shape, path }: Value): number[] {
  return Array.from({ length: fixed(shape[1], path) }, (_, channel) => channel);
}

/** Layouts one after the other: the channels of each are counted on from those before. */
function joined(parts: readonly ChannelLayout[]): number[] {
  let before = 0;
  return parts.flatMap((layout) => {
    const shifted = layout.map((channel) => (channel === padding ? padding : channel + before));
    before += layout.filter((channel) => channel !== padding).length;
    return shifted;
  });
}
