// Lowers a graph to an ONNX model: portable (standard operators, any execution provider) or blocked (ONNX Runtime's CPU
// provider, for training at speed). The walk over the nodes is `scope.ts`; here are the model's inputs, outputs and names.
import type { Graph, TensorType, Value } from '../ir.js';
import { prune } from '../passes/prune.js';
import { fixedShape } from '../shapes.js';
import { Emitter, ModelParts, type Precision } from './emitter.js';
import type { ExternalData } from './external-data.js';
import { type EncodedModel, encodeModel } from './model.js';
import { orderForRuntime } from './order.js';
import type * as onnx from './proto.js';
import { Scope, type Shared } from './scope.js';
import { sweep } from './sweep.js';

export type Layout = { readonly kind: 'portable' } | { readonly kind: 'blocked'; readonly block: number };

export interface LowerOptions {
  readonly layout: Layout;
  readonly name: string;
  readonly naming: 'readable' | 'short';
  /** As traced, or such that ONNX Runtime runs them nearly as traced, and holds less at a time (`order.ts`). Default `traced`. */
  readonly nodeOrder?: 'traced' | 'runtime';
  readonly opset?: number;
  readonly irVersion?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Of everything between float32 inputs and float32 outputs; float16 in portable layout only. */
  readonly precision?: Precision;
  /** Where large initializers go, for models of more than 2 GiB. */
  readonly externalData?: ExternalData;
  /** Inputs whose values are fixed: they become initializers. */
  readonly constants?: ReadonlyMap<Value, { readonly name: string; readonly data: Float32Array }>;
}

export interface LoweredModel extends EncodedModel {
  /** ONNX nodes, those inside of branches included. */
  readonly nodes: number;
  /** Under which name a value of the main graph stands in the model, for those in plain layout. */
  readonly names: ReadonlyMap<Value, string>;
}

/** Bytes of a model, those that lie beside it included. */
export function sizeBytes({ bytes, external }: LoweredModel): number {
  return external.reduce((sum, piece) => sum + piece.length, bytes.length);
}

export const defaultOpset = 17;
export const defaultIrVersion = 8;

export function lowerToOnnx(source: Graph, options: LowerOptions): LoweredModel {
  const graph = prune(source);
  const { precision = 'float32' } = options;
  const parts = new ModelParts(options.naming, precision);
  const castsFloats = precision !== 'float32';
  const emit = new Emitter(parts);
  const shared: Shared = {
    options,
    opset: options.opset ?? defaultOpset,
    root: emit,
    filled: new Map(),
    inputs: graph.inputs.filter((value) => !options.constants?.has(value)),
    extents: new Map(),
  };
  const scope = new Scope(graph, shared, emit);
  const inputs: { name: string; type: TensorType }[] = [];
  for (const value of graph.inputs) {
    const fixedTo = options.constants?.get(value);
    if (fixedTo === undefined) {
      inputs.push({ name: parts.reserve(value.path), type: value });
      const cast = castsFloats && value.dtype === 'float32';
      const name = cast ? emit.cast(value.path, value.path, precision, value) : value.path;
      scope.place(value, { layout: 'plain', name });
    } else {
      const { name, data } = fixedTo;
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      parts.initializer(parts.reserve(name), 'float32', fixedShape(value.shape, name), bytes);
      scope.place(value, { layout: 'plain', name });
    }
  }
  const wanted = graph.outputs.map(({ name }) => parts.reserve(name));
  scope.run();

  // Results get the outputs' names; one that has a name already (an input, or twice an output) is copied.
  const renamed = new Map<string, string>();
  graph.outputs.forEach(({ value }, i) => {
    const target = wanted[i];
    const inner = scope.plain(value);
    if (target === undefined) return;
    const name = castsFloats && value.dtype === 'float32' ? emit.cast(value.path, inner, 'float32') : inner;
    if (emit.produced(name) && !renamed.has(name)) renamed.set(name, target);
    else emit.nodes.push({ opType: 'Identity', name: target, input: [name], output: [target] });
  });
  rename(emit.nodes, renamed);
  emit.nodes = sweep(emit.nodes, wanted);
  if (options.nodeOrder === 'runtime') emit.nodes = orderForRuntime(emit.nodes);
  for (const info of parts.valueInfo) info.name = renamed.get(info.name ?? '') ?? info.name ?? '';
  const encoded = encodeModel({
    parts,
    emitter: emit,
    name: options.name,
    inputs,
    outputs: graph.outputs.map(({ value }, i) => ({ name: wanted[i] ?? '', type: value })),
    opset: shared.opset,
    irVersion: options.irVersion ?? defaultIrVersion,
    ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
    ...(options.externalData === undefined ? {} : { externalData: options.externalData }),
  });
  const names = new Map([...scope.plainNames()].map(([value, name]) => [value, renamed.get(name) ?? name]));
  return { ...encoded, nodes: countNodes(emit.nodes), names };
}

/** Renames values everywhere, branches included. */
function rename(nodes: readonly onnx.INodeProto[], names: ReadonlyMap<string, string>): void {
  const mapped = (name: string): string => names.get(name) ?? name;
  for (const node of nodes) {
    node.input = (node.input ?? []).map(mapped);
    node.output = (node.output ?? []).map(mapped);
    for (const { g } of node.attribute ?? []) if (g) rename(g.node ?? [], names);
  }
}

function countNodes(nodes: readonly onnx.INodeProto[]): number {
  const inBranches = ({ g }: onnx.IAttributeProto): number => (g ? countNodes(g.node ?? []) : 0);
  return nodes.reduce(
    (sum, { attribute }) => sum + 1 + (attribute ?? []).reduce((n, a) => n + inBranches(a), 0),
    0,
  );
}
