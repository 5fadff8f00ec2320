// Exports a model to TensorFlow.js as a graph model: `model.json` with the graph and what it says about itself, and the
// weights in shards beside it. Inputs and outputs keep their names and their NCHW layout, so pictures are prepared as for
// every other target; inside, feature maps lie in NHWC, as TensorFlow.js computes. Indices are int32 there.
import type { BoundGraph } from '../graphs/bound-graph.js';
import { GenonnxError } from '../graphs/errors.js';
import type { Node, Output, Value } from '../graphs/ir.js';
import { expandOperations } from '../graphs/passes/expand-operations.js';
import { prune } from '../graphs/passes/prune.js';
import { fixedShape } from '../graphs/shapes.js';
import type { ExportFile } from './export-file.js';
import { type TensorInfo, tensorShape, typeOf } from './tfjs/graph-def.js';
import { toNchw, toNhwc } from './tfjs/layout.js';
import { Lowering } from './tfjs/lowering.js';
import { lowerNode, rules } from './tfjs/rules.js';
import { shard } from './tfjs/shards.js';
import { GraphWriter } from './tfjs/writer.js';

/** What the model says of itself in its `model.json`. */
export interface TfjsOptions {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly toolVersion?: string;
}

/** Of the GraphDef format: what is written needs none of what came after it. */
const versions = { producer: 134, minConsumer: 12 };

/**
 * `model.json` and `group1-shard1ofN.bin` of at most 4 MiB, for `tf.loadGraphModel`. Open dimensions stay open.
 * @throws GenonnxError `graph` for what TensorFlow.js cannot run, with the operation and its path; `usage` for metadata
 *   keys that TensorFlow.js reserves.
 */
export function toTfjs(model: BoundGraph, { name, metadata, toolVersion }: TfjsOptions): ExportFile[] {
  const graph = prune(expandOperations(model.graph, ({ op }) => Object.hasOwn(rules, op)));
  const writer = new GraphWriter();
  const low = new Lowering(writer);
  const fed = graph.inputs.filter((value) => !model.weights.has(value));
  requireNumbers(graph.inputs);
  requireNoLoop(graph.nodes);
  requireFreeKeys(metadata);
  const inputNames = fed.map(({ path }) => writer.unique(path));
  const outputNames = graph.outputs.map((output) => writer.unique(output.name));

  for (const [value, { name: weight, data }] of model.weights)
    low.place(value, { name: weight, shape: fixedShape(value.shape, weight), data });
  fed.forEach((value, i) => {
    low.place(value, readInput(writer, value, inputNames[i] ?? value.path));
  });
  for (const node of graph.nodes) lower(node, low);
  graph.outputs.forEach((output, i) => {
    writeOutput(low, output, outputNames[i] ?? output.name);
  });

  const { group, files } = shard(writer.weights);
  const tool = toolVersion === undefined ? 'genonnx' : `genonnx ${toolVersion}`;
  const document = {
    format: 'graph-model',
    generatedBy: tool,
    convertedBy: tool,
    signature: {
      inputs: signatureOf(fed.map((value, i) => [value.path, value, inputNames[i] ?? value.path])),
      outputs: signatureOf(
        graph.outputs.map((output, i) => [output.name, output.value, outputNames[i] ?? output.name]),
      ),
    },
    userDefinedMetadata: { name, ...metadata },
    modelTopology: { node: writer.nodes, versions },
    weightsManifest: [group],
  };
  return [{ path: 'model.json', content: `${JSON.stringify(document)}\n` }, ...files];
}

/** Of the metadata that users define, `tf.loadGraphModel` takes these for its own and would read the model by them. */
const reservedKeys = ['signature', 'structuredOutputKeys'];

function requireFreeKeys(metadata: TfjsOptions['metadata']): void {
  const found = reservedKeys.find((key) => Object.hasOwn(metadata, key));
  if (found === undefined) return;
  throw new GenonnxError('usage', 'TensorFlow.js gives this metadata key a meaning of its own.', {
    expected: `keys other than ${reservedKeys.join(' and ')}`,
    found,
    cure: 'Rename the key.',
  });
}

function requireNumbers(inputs: readonly Value[]): void {
  for (const { dtype, path } of inputs) {
    if (dtype !== 'bool') continue;
    throw new GenonnxError('graph', 'TensorFlow.js models of this target take numbers only.', {
      where: path,
      expected: 'float32, or int64 for indices',
      found: dtype,
    });
  }
}

function requireNoLoop(nodes: readonly Node[]): void {
  const loop = nodes.find(({ op }) => op === 'scan');
  if (loop === undefined) return;
  throw new GenonnxError('graph', 'TensorFlow.js models of this target have no loops.', {
    where: loop.path,
    expected: 'a graph without scans',
    found: loop.op,
    cure: 'Export the model of a language model that takes one word a time.',
  });
}

function lower(node: Node, low: Lowering): void {
  const operand = lowerNode(node, low);
  const [output] = node.outputs;
  if (operand === undefined || output === undefined) {
    throw new GenonnxError('graph', `The TensorFlow.js target has no form of the operation ${node.op}.`, {
      where: node.path,
      expected: 'an operation of inference graphs',
      found: node.op,
      cure: 'Export the inference graph of a network, or export to ONNX.',
    });
  }
  low.place(output, operand);
}

function readInput(writer: GraphWriter, value: Value, name: string): string {
  const { path, shape } = value;
  const fed = writer.placeholder(name, value);
  return shape.length === 4 ? writer.node(path, 'Transpose', [fed, writer.ints(toNhwc)]) : fed;
}

function writeOutput(low: Lowering, { value }: Output, name: string): void {
  const { writer } = low;
  const result = low.name(value);
  if (value.shape.length === 4) writer.nodeAs(name, 'Transpose', [result, writer.ints(toNchw)]);
  else writer.nodeAs(name, 'Identity', [result]);
}

function signatureOf(
  entries: readonly (readonly [string, Value, string])[],
): Readonly<Record<string, TensorInfo>> {
  return Object.fromEntries(
    entries.map(([key, { shape, dtype }, node]) => [
      key,
      { name: `${node}:0`, dtype: typeOf(dtype), tensorShape: tensorShape(shape) },
    ]),
  );
}
