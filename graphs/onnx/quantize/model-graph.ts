// A view on a decoded model for whoever rewrites it: who yields a value and who reads it, the weights as numbers, names
// that are free. Weights must lie in the model itself.
import type * as onnx from '../proto.js';
import { proto } from '../proto.js';
import type { ChannelRows } from './affine.js';
import { describe } from './protos.js';

export interface FloatWeight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export class ModelGraph {
  readonly graph: onnx.IGraphProto;
  readonly nodes: readonly onnx.INodeProto[];
  /** Values that must stay what they are: the outputs, and what branches read. */
  readonly kept: ReadonlySet<string>;
  readonly #producers = new Map<string, onnx.INodeProto>();
  readonly #readers = new Map<string, onnx.INodeProto[]>();
  readonly #initializers: ReadonlyMap<string, onnx.ITensorProto>;
  /** Of constants the shape counts only. */
  readonly #types: ReadonlyMap<string, onnx.IValueInfoProto>;
  readonly #names: Set<string>;

  constructor(model: onnx.IModelProto) {
    this.graph = model.graph ?? {};
    const { node, input, output, initializer, valueInfo } = this.graph;
    this.nodes = node ?? [];
    this.#initializers = new Map((initializer ?? []).map((tensor) => [tensor.name ?? '', tensor]));
    const constants = (initializer ?? []).map(({ name, dims }) =>
      describe(name ?? '', proto.TensorProto.DataType.FLOAT, (dims ?? []).map(Number)),
    );
    this.#types = new Map(
      [...constants, ...(input ?? []), ...(output ?? []), ...(valueInfo ?? [])].map((info) => [
        info.name ?? '',
        info,
      ]),
    );
    this.#names = new Set(this.#types.keys());
    for (const each of this.nodes) {
      for (const name of each.input ?? []) {
        const readers = this.#readers.get(name) ?? [];
        if (!readers.includes(each)) readers.push(each);
        this.#readers.set(name, readers);
      }
      for (const name of each.output ?? []) {
        this.#producers.set(name, each);
        this.#names.add(name);
      }
      this.#names.add(each.name ?? '');
    }
    this.kept = new Set([...(output ?? []).map(({ name }) => name ?? ''), ...capturedBy(this.nodes)]);
  }

  producer(value: string): onnx.INodeProto | undefined {
    return this.#producers.get(value);
  }

  readers(value: string): readonly onnx.INodeProto[] {
    return this.#readers.get(value) ?? [];
  }

  isConstant(value: string): boolean {
    return this.#initializers.has(value);
  }

  /** A float32 initializer; undefined for anything else. */
  floats(value: string | undefined): FloatWeight | undefined {
    const tensor = this.#initializers.get(value ?? '');
    if (tensor?.dataType !== proto.TensorProto.DataType.FLOAT) return undefined;
    const shape = (tensor.dims ?? []).map(Number);
    const size = shape.reduce((product, extent) => product * extent, 1);
    const { rawData, floatData } = tensor;
    const data = rawData?.length
      ? new Float32Array(Uint8Array.from(rawData).buffer)
      : Float32Array.from(floatData ?? []);
    return data.length === size ? { shape, data } : undefined;
  }

  /** The description of a value under another name and with another element type: one, or none where the value has none. */
  retyped(value: string, name: string, elemType: number): onnx.IValueInfoProto[] {
    const shape = this.#types.get(value)?.type?.tensorType?.shape;
    return shape ? [{ name, type: { tensorType: { elemType, shape } } }] : [];
  }

  /** A name that nothing else in the model has. */
  unique(wanted: string): string {
    let name = wanted;
    for (let n = 1; this.#names.has(name); n++) name = `${wanted}_${n}`;
    this.#names.add(name);
    return name;
  }
}

/** What the branches of nodes read, of themselves or of the graph around them. */
function capturedBy(nodes: readonly onnx.INodeProto[]): string[] {
  const branches = nodes.flatMap(({ attribute }) =>
    (attribute ?? []).flatMap(({ g, graphs }) => [...(g ? [g] : []), ...(graphs ?? [])]),
  );
  return branches.flatMap(({ node, output }) => [
    ...(node ?? []).flatMap(({ input }) => input ?? []),
    ...(output ?? []).map(({ name }) => name ?? ''),
    ...capturedBy(node ?? []),
  ]);
}

export interface Rewriting {
  readonly graph: ModelGraph;
  /** All nodes of the new graph. */
  readonly nodes: onnx.INodeProto[];
  /** Those that come to the graph's own. */
  readonly initializers: readonly onnx.ITensorProto[];
  readonly valueInfo: readonly onnx.IValueInfoProto[];
}

/**
 * The model with other nodes, without the initializers and descriptions that are then left over. Inputs whose initializer
 * went are no inputs any more.
 */
export function rewritten(
  model: onnx.ModelProto,
  { graph, nodes, initializers, valueInfo }: Rewriting,
): onnx.ModelProto {
  const read = new Set([...graph.kept, ...nodes.flatMap(({ input }) => input ?? [])]);
  const made = new Set(nodes.flatMap(({ output }) => output ?? []));
  const old = graph.graph;
  // Before IR 4 every initializer had to be an input, and was a constant all the same; since then such an input is one that
  // callers may feed.
  const irVersion = Math.max(Number(model.irVersion), 4);
  const isInput = (name: string) =>
    !graph.isConstant(name) || (read.has(name) && Number(model.irVersion) >= irVersion);
  return proto.ModelProto.fromObject({
    ...model,
    irVersion,
    graph: {
      ...old,
      node: nodes,
      input: (old.input ?? []).filter(({ name }) => isInput(name ?? '')),
      initializer: [...(old.initializer ?? []), ...initializers].filter(({ name }) => read.has(name ?? '')),
      valueInfo: [...(old.valueInfo ?? []), ...valueInfo].filter(({ name }) => made.has(name ?? '')),
    },
  });
}

/** The rows of a weight that has its output channels along an axis. */
export function channelRows(shape: readonly number[], axis: number): ChannelRows {
  const size = (extents: readonly number[]) => extents.reduce((product, extent) => product * extent, 1);
  return {
    before: size(shape.slice(0, axis)),
    channels: shape[axis] ?? 1,
    after: size(shape.slice(axis + 1)),
  };
}
