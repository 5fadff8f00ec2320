// Folds batch norms into the convolutions before them. At inference a batch norm is one scale and one shift a channel,
//
//   y = (x - mean) f + shift,   f = scale / sqrt(variance + epsilon),
//
// and a convolution is linear: with x = conv(u, W) + b
//
//   y = conv(u, f W) + (f (b - mean) + shift)           f along the output channels.
//
// FactorizedReduce takes no bias: its two weights get their halves of f, and the shift is added behind it. Requires that
// weights and statistics are bound; a batch norm over anything else, or over a value that others read too, stays as it
// is. Ensures the same outputs up to rounding; calculated in float64, rounded once. What nodes and weights there are in the
// end depends on the graph only, not on the numbers (which may be absent: arrays of no length).
import { type BoundGraph, type BoundWeight, withNodes } from '../bound-graph.js';
import { isOp, type Node, type Value } from '../ir.js';
import { fixed, fixedShape } from '../shapes.js';
import { prune } from './prune.js';
import { countReaders } from './readers.js';

/** A bound graph without the batch norms that could be folded, and with the weights that its nodes then read. */
export function foldBatchNorm(source: BoundGraph): BoundGraph {
  const graph = prune(source.graph);
  const readers = countReaders(graph);
  const producers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)),
  );
  const weights = new Map(source.weights);
  const replaced = new Map<Node, readonly Node[]>();
  for (const node of graph.nodes) {
    const [x] = node.inputs;
    if (!isOp(node, 'batchNormInference') || x === undefined || readers.get(x) !== 1) continue;
    const convolution = producers.get(x);
    const affine = channelAffine(node, source.weights);
    if (convolution === undefined || affine === undefined) continue;
    const folded = isOp(convolution, 'conv2d')
      ? foldConvolution(convolution, node, affine, source.weights)
      : isOp(convolution, 'factorizedReduce')
        ? foldReduction(convolution, node, affine, source.weights)
        : undefined;
    if (folded === undefined) continue;
    replaced.set(convolution, []);
    replaced.set(node, folded.nodes);
    for (const [value, weight] of folded.weights) weights.set(value, weight);
  }
  const nodes = graph.nodes.flatMap((node) => replaced.get(node) ?? [node]);
  return withNodes(source, nodes, weights);
}

type Weights = BoundGraph['weights'];

/** y = factor x + offset, for each channel. */
interface ChannelAffine {
  readonly factor: Float64Array;
  readonly offset: Float64Array;
}

/** What a batch norm does to each channel; undefined where it is not known. */
function channelAffine(
  { inputs, attributes }: Node<'batchNormInference'>,
  weights: Weights,
): ChannelAffine | undefined {
  const [mean, variance, scale, shift] = inputs.slice(1).map((value) => weights.get(value)?.data);
  const unknown = inputs.slice(1).some((value) => !weights.has(value));
  if (unknown || mean === undefined || variance === undefined) return undefined;
  const at = (data: Float32Array | undefined, i: number, absent: number): number =>
    data === undefined ? absent : (data[data.length === 1 ? 0 : i] ?? absent);
  const factor = Float64Array.from(
    variance,
    (value, i) => at(scale, i, 1) / Math.sqrt(value + attributes.epsilon),
  );
  return { factor, offset: factor.map((f, i) => at(shift, i, 0) - f * at(mean, i, 0)) };
}

interface Folded {
  readonly nodes: readonly Node[];
  readonly weights: readonly (readonly [Value, BoundWeight])[];
}

function foldConvolution(
  node: Node<'conv2d'>,
  norm: Node<'batchNormInference'>,
  { factor, offset }: ChannelAffine,
  weights: Weights,
): Folded | undefined {
  const [x, weight, bias] = node.inputs;
  const bound = weight && weights.get(weight);
  const added = bias && weights.get(bias)?.data;
  if (x === undefined || weight === undefined || bound === undefined) return undefined;
  if (bias !== undefined && added === undefined) return undefined;
  const scaled = scaleRows(weight, bound, factor, 0);
  const shifted = factor.map((f, i) => (offset[i] ?? 0) + f * (added?.[i] ?? 0));
  const biased = vector(`${node.path}/bias`, [fixed(weight.shape[0], node.path)], shifted);
  const folded: Node<'conv2d'> = {
    ...node,
    inputs: [x, scaled[0], biased[0]],
    outputs: norm.outputs,
  };
  return { nodes: [folded], weights: [scaled, biased] };
}

function foldReduction(
  node: Node<'factorizedReduce'>,
  norm: Node<'batchNormInference'>,
  { factor, offset }: ChannelAffine,
  weights: Weights,
): Folded | undefined {
  const [x, first, second] = node.inputs;
  const [result] = norm.outputs;
  const bound = [first && weights.get(first), second && weights.get(second)] as const;
  if (x === undefined || first === undefined || second === undefined || result === undefined)
    return undefined;
  if (bound[0] === undefined || bound[1] === undefined) return undefined;
  const halves = [
    scaleRows(first, bound[0], factor, 0),
    scaleRows(second, bound[1], factor, fixed(first.shape[0], node.path)),
  ] as const;
  const shift = vector(`${node.path}/shift`, [1, fixed(result.shape[1], node.path), 1, 1], offset);
  const reduced: Value = { ...result, path: node.path };
  const folded: Node<'factorizedReduce'> = {
    ...node,
    inputs: [x, halves[0][0], halves[1][0]],
    outputs: [reduced],
  };
  const sum: Node<'add'> = {
    op: 'add',
    inputs: [reduced, shift[0]],
    outputs: [result],
    attributes: {},
    path: norm.path,
  };
  return { nodes: [folded, sum], weights: [...halves, shift] };
}

/** A weight whose output channels are multiplied, by the factors from `first` on. */
function scaleRows(
  value: Value,
  { name, data }: BoundWeight,
  factor: Float64Array,
  first: number,
): readonly [Value, BoundWeight] {
  const [outputs = 1] = fixedShape(value.shape, value.path);
  const row = data.length / outputs;
  const scaled = data.map((weight, i) => weight * (factor[first + Math.floor(i / row)] ?? 1));
  return [{ ...value }, { name, data: scaled }];
}

function vector(name: string, shape: readonly number[], data: Float64Array): readonly [Value, BoundWeight] {
  return [
    { shape, dtype: 'float32', path: name },
    { name, data: Float32Array.from(data) },
  ];
}
