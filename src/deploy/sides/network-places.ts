// Where in a network a node of its model file lies, and what the network calls it.
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { GenonnxError } from '../../errors.js';
import { parsePath, step } from '../../networks/paths.js';
import { type OpenedModel, openModel } from '../opened-model.js';

export interface FileNode {
  /** One of the values that it makes. */
  readonly value: string;
  readonly node: string;
  /** ONNX's name of the operation. */
  readonly operator: string;
}

export interface Place {
  readonly path: string;
  readonly operation: string;
}

/**
 * For a model of ours, the path and the operation of its graph: an operation that takes several ONNX nodes has the path
 * that their names begin with. For a stranger's, the node's name and its operator.
 */
export function networkPlaces(model: onnx.ModelProto, where: string): (node: FileNode) => Place {
  const opened = openedIfOurs(model, where);
  const byValue = new Map<string, Place>();
  const byPath = new Map<string, Place>();
  for (const { outputs, path, op } of opened?.bound.graph.nodes ?? []) {
    const place = { path, operation: op };
    for (const value of outputs) byValue.set(opened?.names.get(value) ?? '', place);
    if (!byPath.has(path)) byPath.set(path, place);
  }
  return ({ value, node, operator }) =>
    byValue.get(value) ??
    byPath.get(node.slice(0, Math.max(node.lastIndexOf('/'), 0))) ?? { path: node, operation: operator };
}

function openedIfOurs(model: onnx.ModelProto, where: string): OpenedModel | undefined {
  try {
    return openModel(proto.ModelProto.encode(model).finish(), where);
  } catch (error) {
    if (error instanceof GenonnxError) return undefined;
    throw error;
  }
}

export interface CellPlace {
  /** Index of the cell; null outside of cells. */
  readonly cell: number | null;
  /** Index of the intermediate node in its cell; null outside of nodes. */
  readonly node: number | null;
  /** `5.sep_conv_3x3@1`: index of the operation in its cell, primitive, input; null outside of edges. */
  readonly edge: string | null;
}

/** Where `cells.3/node2/5.sep_conv_3x3@1/first/norm` is. */
export function cellPlace(path: string): CellPlace {
  const place = parsePath(path)?.place;
  return {
    cell: place?.cell ?? null,
    node: place !== undefined && 'node' in place ? place.node : null,
    edge: place?.kind === 'operation' ? step.operation(place) : null,
  };
}
