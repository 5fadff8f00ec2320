// The ONNX model: standard operators, readable names, a shape for every value. Weights of more than a protobuf message
// holds go to a second file beside it.
import type { BoundGraph } from '../graphs/bound-graph.js';
import type { Precision } from '../graphs/onnx/emitter.js';
import type { ExternalData } from '../graphs/onnx/external-data.js';
import { defaultOpset, type LoweredModel, lowerToOnnx } from '../graphs/onnx/lower.js';
import type { ExportFile } from './export-file.js';

export interface OnnxOptions {
  /** 17 to 21. */
  readonly opset?: number;
  /** By default the one that came with the opset. */
  readonly irVersion?: number;
  /** Of what lies between the float32 inputs and outputs. */
  readonly precision?: Precision;
  readonly metadata: Readonly<Record<string, string>>;
  /** Name of the second file; without it everything is in the model. */
  readonly dataFile?: string;
}

/** @throws GenonnxError `usage` for weights that the precision does not hold. */
export function lowerModel({ graph, weights }: BoundGraph, options: OnnxOptions): LoweredModel {
  const { opset = defaultOpset, irVersion = irVersionOf(opset), precision, metadata, dataFile } = options;
  return lowerToOnnx(graph, {
    layout: { kind: 'portable' },
    name: 'genonnx',
    naming: 'readable',
    constants: weights,
    metadata,
    opset,
    irVersion,
    ...(precision === undefined ? {} : { precision }),
    ...(dataFile === undefined ? {} : { externalData: externalTo(dataFile) }),
  });
}

/** How a model is written, and what its files are called. */
export interface OnnxFileOptions extends Omit<OnnxOptions, 'dataFile'> {
  /** The name that the model file will have: its data file is called after it. */
  readonly fileName: string;
  /** `auto`: a data file where the model would not fit a protobuf message. */
  readonly externalData?: 'auto' | 'always';
}

/** A model as files, and what it consists of. */
export interface OnnxExport {
  /** The model, without a name of its own, and its data file where it has one. */
  readonly files: readonly ExportFile[];
  readonly model: LoweredModel;
}

/** The files of a model. @throws GenonnxError `usage` for weights that the precision does not hold. */
export function toOnnx(bound: BoundGraph, options: OnnxFileOptions): OnnxExport {
  const { fileName, externalData = 'auto', ...rest } = options;
  const elementBytes = rest.precision === 'float16' ? 2 : 4;
  let bytes = 0;
  for (const { data } of bound.weights.values()) bytes += data.length * elementBytes;
  const separate = externalData === 'always' || bytes > mostMessageBytes;
  const dataFile = `${fileName}.data`;
  const model = lowerModel(bound, separate ? { ...rest, dataFile } : rest);
  const files: ExportFile[] = [{ path: '', content: model.bytes }];
  if (separate) files.unshift({ path: dataFile, content: model.external });
  return { files, model };
}

/** Bytes of weights that fit a protobuf message, which ends at 2 GiB, beside everything else. */
const mostMessageBytes = 2 ** 31 - 2 ** 26;

function externalTo(location: string): ExternalData {
  return { location, leastBytes: 1024 };
}

/** The IR version that came with an opset: strict readers refuse operators newer than the file's format. */
function irVersionOf(opset: number): number {
  return opset >= 21 ? 10 : opset >= 19 ? 9 : 8;
}
