// Which parts a network consists of: every operation of every cell, the preprocessing of its two inputs, its ReLUs and its
// concatenation, the stem and the head, each at its place's shape. Found by tracing the network, so that there is one
// definition of it. A genotype goes in, parts and how often each occurs come out.
//
// What a runtime does inside of a convolution is no part: the ReLU of a map that nobody reads without it, and additions.
// An operation that ends in a convolution adds to another one's result while it writes its own; each of the others has
// one addition in its cost. A node performs
//
//   max(0, operations that do not end in a convolution - 1)
//
// additions: where there is such an operation, one of the additions is taken away again. (Two convolutions and another
// operation at one node can cost one addition more: the one took up the other, and nothing is left to take up the third.)
import type { Graph, Node, Value } from '../../../graphs/ir.js';
import { isOp } from '../../../graphs/ir.js';
import { foldBatchNorm } from '../../../graphs/passes/fold-batch-norm.js';
import { fixed } from '../../../graphs/shapes.js';
import { cellStride, cellType } from '../../networks/cells.js';
import { inferenceGraph } from '../../networks/inference.js';
import { bindWeights } from '../../networks/inference-graph.js';
import { parsePath, printPath } from '../../networks/paths.js';
import {
  CELL_INPUTS,
  type ConvolutionalCell,
  type ConvolutionalGenotype,
  type ConvolutionalOperation,
  type ConvolutionalSpace,
  convolutionalSpace,
} from '../../spaces/convolutional.js';
import { fullGenotype } from '../../spaces/full-genotype.js';
import type { CellGenotype } from '../../spaces/genotype.js';
import { sectionOf } from '../../spaces/search-space.js';
import {
  additionPart,
  addsApart,
  type CellsNetwork,
  callPart,
  type Extent,
  operationPart,
  type Part,
  type PartCount,
  type Preprocessing,
  partKey,
  resultExtent,
} from './parts.js';

/** Where the operations of a cell are. */
export interface CellExtents {
  /** Of the cell's two inputs, preprocessed. */
  readonly input: Extent;
  /** Of its nodes. */
  readonly inner: Extent;
}

/** @throws GenonnxError as `inferenceGraph`, for networks that cannot be. */
export function networkParts(network: CellsNetwork, genotype: ConvolutionalGenotype): PartCount[] {
  const { parts, cells } = skeletonOf(network, genotype);
  return collect([
    ...parts,
    ...cells.flatMap((extents, index) => {
      const type = cellType(index, network.cells);
      return cellParts(genotype[type], cellStride(type), extents);
    }),
  ]);
}

/** All parts that networks of the space consist of, whatever their genotype: those of a cell with every operation. */
export function partsOfSpace(network: CellsNetwork, space: ConvolutionalSpace): Part[] {
  const parts = networkParts(network, fullGenotype(space)).map(({ part }) => part);
  // Additions may cancel out there, or have no operation of the space; sums of nodes need them all the same.
  const operations = parts.filter(({ part }) => part === 'primitive');
  const additions = operations.map((part) => additionPart(resultExtent(part)));
  return [...new Map([...parts, ...additions].map((part) => [partKey(part), part])).values()];
}

/**
 * What all networks of the space have beside their operations, where every map that an operation reads needs a ReLU of its
 * own, and every node has an operation that does not end in a convolution.
 */
export function partsOfEveryChild(network: CellsNetwork, space: ConvolutionalSpace): PartCount[] {
  const { parts, cells } = skeletonOf(network, fullGenotype(space));
  return collect([
    ...parts,
    ...cells.map(({ inner }, index) => ({
      part: additionPart(inner),
      count: -sectionOf(space, cellType(index, network.cells)).cellType.nodes,
    })),
  ]);
}

const smallest = convolutionalSpace('smallest', { nodes: 1, primitives: ['skip_connect'] });

/** Where the operations of every cell are. */
export function cellExtents(network: CellsNetwork): CellExtents[] {
  return skeletonOf(network, fullGenotype(smallest)).cells;
}

interface Skeleton {
  /** Everything but the operations on the edges, and their additions. */
  readonly parts: readonly PartCount[];
  readonly cells: CellExtents[];
}

function skeletonOf(network: CellsNetwork, genotype: ConvolutionalGenotype): Skeleton {
  const graph = tracedGraph(network, genotype);
  const producers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)),
  );
  const readers = countReaders(graph);
  const parts: Part[] = [callPart(network), stemPart(network)];
  const cells: CellExtents[] = [];
  for (const node of graph.nodes) {
    const place = parsePath(node.path)?.place;
    if (place?.kind === 'preprocess') {
      const part = preprocessPart(node);
      if (part === undefined) continue;
      parts.push(part);
      if (place.input === 1) cells.push(extentsOf(node, cellType(place.cell, network.cells)));
    } else if (place?.kind === 'output' && isOp(node, 'concat')) {
      parts.push(concatPart(node));
    } else if (isOp(node, 'globalAveragePool')) {
      const extent = extentOf(inputOf(node));
      parts.push({ part: 'head', operation: 'head', ...extent, outputs: network.classes, stride: 1 });
    }
    if (isOp(node, 'relu') && isOfState(node, producers) && !isFused(inputOf(node), readers, producers)) {
      const extent = extentOf(inputOf(node));
      parts.push({ part: 'relu', operation: 'relu', ...extent, outputs: extent.channels, stride: 1 });
    }
  }
  return { parts: parts.map((part) => ({ part, count: 1 })), cells };
}

/** The operations of a cell, and its nodes' additions. */
function cellParts(
  { nodes }: CellGenotype<ConvolutionalOperation>,
  stride: 1 | 2,
  { input: outside, inner }: CellExtents,
): PartCount[] {
  return nodes.flatMap((node) => {
    const operations = node.map(({ primitive, input }): PartCount => {
      const isInput = input < CELL_INPUTS;
      return { part: operationPart(primitive, isInput ? outside : inner, isInput ? stride : 1), count: 1 };
    });
    return node.some(({ primitive }) => addsApart(primitive))
      ? [...operations, { part: additionPart(inner), count: -1 }]
      : operations;
  });
}

/** Each part once. */
function collect(counts: readonly PartCount[]): PartCount[] {
  const sums = new Map<string, PartCount>();
  for (const { part, count } of counts) {
    const key = partKey(part);
    sums.set(key, { part, count: count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()].filter(({ count }) => count !== 0);
}

/** The inference graph with its batch norms folded, as the runtime folds them if nobody else does. */
function tracedGraph({ name, ...sizes }: CellsNetwork, genotype: ConvolutionalGenotype): Graph {
  const inference = inferenceGraph({ ...sizes, name, genotype, auxiliary: false, batch: 1 });
  const absent = inference.weights.map(() => new Float32Array(0));
  return foldBatchNorm(bindWeights(inference, absent)).graph;
}

function countReaders({ nodes, outputs }: Graph): Map<Value, number> {
  const counts = new Map<Value, number>();
  const read = [...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ value }) => value)];
  for (const value of read) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Of a cell, from what its preprocessing yields. */
function extentsOf(preprocess: Node, type: ConvolutionalCell): CellExtents {
  const input = outputExtent(preprocess);
  const stride = cellStride(type);
  return { input, inner: { ...input, height: input.height / stride, width: input.width / stride } };
}

function preprocessPart(node: Node): Part | undefined {
  const operation: Preprocessing | undefined = isOp(node, 'conv2d')
    ? 'relu_conv_bn'
    : isOp(node, 'factorizedReduce')
      ? 'factorized_reduce'
      : undefined;
  if (operation === undefined) return undefined;
  const stride = operation === 'factorized_reduce' ? 2 : 1;
  return {
    part: 'preprocess',
    operation,
    ...extentOf(inputOf(node)),
    outputs: outputExtent(node).channels,
    stride,
  };
}

function concatPart(node: Node): Part {
  const extent = extentOf(inputOf(node));
  return { part: 'concat', operation: 'concat', ...extent, outputs: outputExtent(node).channels, stride: 1 };
}

function stemPart({ name, initChannels, image }: CellsNetwork): Part {
  const outputs = name === 'cifar' ? 3 * initChannels : initChannels;
  return { part: 'stem', operation: name, ...image, outputs, stride: 1 };
}

/** Whether it is the ReLU of a state of a cell, which several operations read; others are inside of an operation. */
function isOfState(relu: Node, producers: ReadonlyMap<Value, Node>): boolean {
  const producer = producers.get(inputOf(relu));
  // A concatenation has its ReLU in its own cost, and so has a stem.
  if (producer === undefined || isOp(producer, 'concat') || producer.path.startsWith('stem')) return false;
  return pieceOf(producer.path) !== pieceOf(relu.path);
}

/** The operation on an edge that a node of the graph belongs to, or the whole path. */
function pieceOf(path: string): string {
  const place = parsePath(path)?.place;
  return place?.kind === 'operation' ? printPath({ place, inside: [] }) : path;
}

/** Whether the runtime takes the ReLU of a value into the convolution that the value comes from. */
function isFused(
  value: Value,
  readers: ReadonlyMap<Value, number>,
  producers: ReadonlyMap<Value, Node>,
): boolean {
  if (readers.get(value) !== 1) return false;
  const producer = producers.get(value);
  if (producer === undefined) return false;
  if (isOp(producer, 'conv2d')) return true;
  return (
    isOp(producer, 'add') &&
    producer.inputs.some((term) => {
      const source = producers.get(term);
      return readers.get(term) === 1 && source !== undefined && isOp(source, 'conv2d');
    })
  );
}

function outputExtent({ outputs, path }: Node): Extent {
  const [value] = outputs;
  if (value === undefined) throw new RangeError(`${path} has no result`);
  return extentOf(value);
}

function inputOf({ inputs, path }: Node): Value {
  const [value] = inputs;
  if (value === undefined) throw new RangeError(`${path} has no input`);
  return value;
}

function extentOf({ shape, path }: Value): Extent {
  return { channels: fixed(shape[1], path), height: fixed(shape[2], path), width: fixed(shape[3], path) };
}
