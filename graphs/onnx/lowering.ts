// What a lowering rule sees: where to emit, and under which name each input value already stands in the ONNX graph.
import type { Dimension, Node, OperationName, Value } from '../ir.js';
import type { Emitter } from './emitter.js';

export interface Lowering {
  readonly emit: Emitter;
  readonly opset: number;
  /** The ONNX name of a value, in plain NCHW layout. */
  plain(value: Value): string;
  /** The ONNX name of a dimension's extent, i64[1]: for shapes that are only known when the model runs. */
  extent(dimension: Dimension): string;
  /** Whether anything reads the value: results that nobody reads need not be computed. */
  used(value: Value): boolean;
}

/** Emits a node in standard ONNX and returns the names of its results, '' for those that nobody reads. */
export type PortableRule<K extends OperationName> = (node: Node<K>, lowering: Lowering) => readonly string[];
