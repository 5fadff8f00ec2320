// The ONNX model of a graph in one piece, as the runtimes of this machine are given it.
import { lowerModel, type OnnxOptions } from '../../exporters/onnx.js';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import type { LoweredModel } from '../../graphs/onnx/lower.js';

/** How a model is written: opset, precision, metadata. */
export type CompileOptions = Omit<OnnxOptions, 'dataFile'>;

/** With its weights as initializers. @throws GenonnxError `usage` for weights that the precision does not hold. */
export function compileModel(bound: BoundGraph, options: CompileOptions): LoweredModel {
  return lowerModel(bound, options);
}
