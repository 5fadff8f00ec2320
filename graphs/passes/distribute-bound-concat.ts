// Takes convolutions apart that read a concatenation along the channels, in a graph whose weights are known:
//
//   conv(concat(a, b), [W_a, W_b], c)   = (conv(a, W_a) + c) + conv(b, W_b)      W along the input channels, any kernel
//   depthwise(concat(a, b), [W_a; W_b]) = concat(depthwise(a, W_a), depthwise(b, W_b))
//   globalAveragePool(concat(a, b))     = concat(globalAveragePool(a), globalAveragePool(b))
//
// ONNX Runtime keeps the channels in blocks between convolutions on x86, but cannot concatenate maps whose channels do not
// fill their blocks: it brings each part into the plain order, copies it, and brings the whole back into blocks. In this
// form there is nothing to concatenate, and each sum is a chain of additions of which every one follows one convolution
// that can take it over. Requires nothing; whatever reads a concatenation in another way still does, as does everything
// where all parts fill their blocks (`block` channels each). Ensures the same outputs up to rounding. Names depend on the
// graph only, not on the numbers (which may be absent: arrays of no length).
import { type BoundGraph, type BoundWeight, withNodes } from '../bound-graph.js';
import { Builder } from '../builder.js';
import { isOp, type Node, type Value } from '../ir.js';
import { elementCount, fixed, fixedShape } from '../shapes.js';
import { prune } from './prune.js';

/** A bound graph in which no convolution reads a concatenation with a part that does not fill its blocks. */
export function distributeBoundConcat(source: BoundGraph, block: number): BoundGraph {
  const { graph, weights } = source;
  const distribution = new Distribution(weights, block);
  for (const node of graph.nodes) distribution.add(node);
  const { nodes, bound } = distribution;
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: distribution.current(value) }));
  const needed = prune({ inputs: graph.inputs, nodes, outputs });
  return withNodes({ graph: needed, weights }, needed.nodes, bound);
}

class Distribution {
  readonly nodes: Node[] = [];
  readonly bound: Map<Value, BoundWeight>;
  readonly #block: number;
  /** What a concatenation is made of; none where all parts fill their blocks. */
  readonly #parts = new Map<Value, readonly Value[]>();
  readonly #replaced = new Map<Value, Value>();
  /** The pieces of a weight, by their names. */
  readonly #cuts = new Map<Value, Map<string, Value>>();

  constructor(weights: BoundGraph['weights'], block: number) {
    this.bound = new Map(weights);
    this.#block = block;
  }

  /** What stands for a value of the old graph. */
  current(value: Value): Value {
    return this.#replaced.get(value) ?? value;
  }

  add(original: Node): void {
    const node: Node = { ...original, inputs: original.inputs.map((value) => this.current(value)) };
    const [x] = node.inputs;
    const [y] = node.outputs;
    const parts = x === undefined ? undefined : this.#parts.get(x);
    const result = parts === undefined ? undefined : this.#distributed(node, parts);
    if (y !== undefined && result !== undefined) {
      this.#replaced.set(y, result);
      return;
    }
    this.nodes.push(node);
    if (y !== undefined && isOp(node, 'concat') && node.attributes.axis === 1 && y.shape.length === 4) {
      const all = node.inputs.flatMap((part) => this.#parts.get(part) ?? [part]);
      if (all.some(({ shape, path }) => fixed(shape[1], path) % this.#block !== 0)) this.#parts.set(y, all);
    }
  }

  #distributed(node: Node, parts: readonly Value[]): Value | undefined {
    if (isOp(node, 'globalAveragePool')) {
      const pooled = this.#trace(node.path, (g) => parts.map((part) => g.globalAveragePool(part)));
      return this.#concat(pooled, node.path);
    }
    if (!isOp(node, 'conv2d')) return undefined;
    return node.attributes.groups === 1 ? this.#dense(node, parts) : this.#depthwise(node, parts);
  }

  #concat(parts: readonly Value[], path: string): Value {
    const whole = this.#trace(path, (g) => g.concat(parts, 1));
    if (whole.shape.length === 4) this.#parts.set(whole, parts);
    return whole;
  }

  /** The bias is added once, with the first part. */
  #dense({ inputs, attributes, path }: Node<'conv2d'>, parts: readonly Value[]): Value | undefined {
    const bias = inputs[2];
    const weights = this.#cut(inputs[1], 1, parts, path);
    if (weights === undefined) return undefined;
    return this.#trace(path, (g) =>
      parts
        .map((part, i) => {
          const operands = [part, weights[i], i === 0 ? bias : undefined].filter((v) => v !== undefined);
          return g.one('conv2d', operands, attributes);
        })
        .reduce((sum, term) => g.add(sum, term)),
    );
  }

  #depthwise({ inputs, attributes, path }: Node<'conv2d'>, parts: readonly Value[]): Value | undefined {
    const [, weight, bias] = inputs;
    if (bias !== undefined || weight?.shape[0] !== attributes.groups || weight.shape[1] !== 1)
      return undefined;
    const weights = this.#cut(weight, 0, parts, path);
    if (weights === undefined) return undefined;
    const results = this.#trace(path, (g) =>
      parts.map((part, i) => {
        const operands = [part, weights[i]].filter((v) => v !== undefined);
        return g.one('conv2d', operands, { ...attributes, groups: fixed(part.shape[1], path) });
      }),
    );
    return this.#concat(results, path);
  }

  /** A bound weight cut along the rows (axis 0) or the input channels (axis 1), as the parts are. */
  #cut(weight: Value | undefined, axis: 0 | 1, parts: readonly Value[], path: string): Value[] | undefined {
    const bound = weight && this.bound.get(weight);
    if (weight === undefined || bound === undefined) return undefined;
    const cuts = this.#cuts.get(weight) ?? new Map<string, Value>();
    this.#cuts.set(weight, cuts);
    let from = 0;
    return parts.map((part) => {
      const size = fixed(part.shape[1], path);
      const name = `${bound.name}/${from}-${from + size}`;
      const value = cuts.get(name) ?? this.#piece(weight, bound.data, axis, from, size, name);
      cuts.set(name, value);
      from += size;
      return value;
    });
  }

  #piece({ shape }: Value, data: Float32Array, axis: 0 | 1, from: number, size: number, name: string): Value {
    const sizes = fixedShape(shape, name);
    const piece = sizes.map((extent, i) => (i === axis ? size : extent));
    const value: Value = { shape: piece, dtype: 'float32', path: name };
    this.bound.set(value, { name, data: sliceAlong(data, sizes, axis, from, size) });
    return value;
  }

  #trace<T>(path: string, build: (g: Builder) => T): T {
    const g = new Builder();
    const result = g.within(path, () => build(g));
    this.nodes.push(...g.nodes);
    return result;
  }
}

/** `size` entries of an axis, from one on. */
function sliceAlong(
  data: Float32Array,
  shape: readonly number[],
  axis: number,
  from: number,
  size: number,
): Float32Array {
  if (data.length === 0) return data;
  const inner = elementCount(shape.slice(axis + 1));
  const row = (shape[axis] ?? 1) * inner;
  const piece = new Float32Array((data.length / row) * size * inner);
  for (let i = 0; i * row < data.length; i++)
    piece.set(data.subarray(i * row + from * inner, i * row + (from + size) * inner), i * size * inner);
  return piece;
}
