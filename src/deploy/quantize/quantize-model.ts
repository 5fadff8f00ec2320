// A model file to its 8-bit form, with what that costs: calibrated on training images, judged on the test images, which
// nothing is chosen by.
import type { Dataset } from '../../../datasets/dataset.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { safeWeight } from '../../../graphs/onnx/quantize/affine.js';
import { dynamicQuantize } from '../../../graphs/onnx/quantize/dynamic.js';
import { insertQdq } from '../../../graphs/onnx/quantize/insert-qdq.js';
import { ModelGraph } from '../../../graphs/onnx/quantize/model-graph.js';
import { role } from '../../../graphs/onnx/quantize/operators.js';
import { planQuantization } from '../../../graphs/onnx/quantize/plan.js';
import { GenonnxError } from '../../errors.js';
import { METRIC_NAMES } from '../../tasks/tasks.js';
import { until } from '../../until.js';
import { answersOf, departure, type LogitDeparture } from './answers.js';
import { calibrate } from './calibrate.js';
import { type FloatModel, openFloatModel } from './float-model.js';
import type { RangeMethod } from './histogram.js';
import { type ModelImages, modelImages } from './images.js';
import { excluder } from './node-groups.js';
import { paddingWarning } from './padding.js';
import { pixelDeparture } from './pixel-answers.js';
import { type Sensitivity, sensitivities } from './sensitivity.js';

export const QUANTIZATION_FORMS = ['static', 'dynamic'] as const;
/** `static`: QDQ, ranges found on images. `dynamic`: ranges found while the model runs. */
export type QuantizationForm = (typeof QUANTIZATION_FORMS)[number];

/** A model file, and how its weights and values become 8-bit integers. */
export interface QuantizeOptions {
  readonly model: string;
  readonly form: QuantizationForm;
  /** Calibrates the static form, and says what either costs. */
  readonly dataset?: Dataset | undefined;
  /** Training images, at most all of them. */
  readonly calibrationImages: number;
  readonly ranges: RangeMethod;
  readonly exclude: readonly string[];
  readonly sensitivity: boolean;
  /** Also where padding makes a narrow network slower than it is in float32, which is refused else. */
  readonly evenIfSlower?: boolean;
  /** Whether the test images say what it costs; true unless said otherwise. */
  readonly judged?: boolean;
  readonly onProgress?: (text: string) => void;
  /** Once it is aborted, `quantizeModel` rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Scales for each channel came to DequantizeLinear with opset 13, DynamicQuantizeLinear with 11. */
const leastOpsets = { static: 13, dynamic: 11 } as const satisfies Readonly<Record<QuantizationForm, number>>;

/** What the command does unless it is told otherwise. */
export const quantizeDefaults = {
  calibrationImages: 256,
  ranges: 'minmax',
  exclude: [],
  sensitivity: false,
} as const satisfies Partial<QuantizeOptions>;

export interface Quantization {
  readonly bytes: Uint8Array;
  readonly report: QuantizationReport;
}

/** What became integers, and what that costs. */
export interface QuantizationReport {
  readonly form: QuantizationForm;
  /** Convolutions and matrix products: all of them, and those that calculate with integers. */
  readonly weighted: { readonly all: number; readonly quantized: number };
  /** Of the model that was given, and of the quantized one. */
  readonly sizeBytes: { readonly before: number; readonly after: number };
  /** What speaks against the quantized model, apart from accuracy. */
  readonly warnings: readonly string[];
  /** On the test images of a data set. */
  readonly measured?: {
    readonly dataset: string;
    /** Absent for a segmentation network: its answers are compared pixel by pixel, without masks. */
    readonly accuracy?: { readonly before: number; readonly after: number };
    readonly departure: LogitDeparture;
  };
  /** On the images of the calibration. */
  readonly sensitivity?: readonly Sensitivity[];
}

/** @throws GenonnxError `usage`, `file-missing`, `model-corrupt`, `diverged`; the signal's reason. */
export async function quantizeModel(asked: QuantizeOptions): Promise<Quantization> {
  const { form, dataset, onProgress = () => {} } = asked;
  const calibrationImages = Math.min(
    asked.calibrationImages,
    dataset?.train.count ?? asked.calibrationImages,
  );
  const options = { ...asked, calibrationImages };
  const source = await openFloatModel(options.model, {
    fillBlocks: form === 'static',
    leastOpset: leastOpsets[form],
  });
  if (options.sensitivity && source.ofPixels) throw noSensitivity(options.model);
  const { model: path, evenIfSlower = false } = options;
  const padding = paddingWarning({ path, macs: source.macs }, evenIfSlower);
  const nodes = source.proto.graph?.node ?? [];
  const excluded = excluder(options.exclude, nodes);
  const images = dataset === undefined ? undefined : stoppable(modelImages(source, dataset), options.signal);
  const quantize = await quantizer(source.proto, images, options);
  const silent = withMetadata(quantize(excluded), source, options);
  const { judged = true } = options;
  const measured =
    judged && images && dataset ? await cost(source, silent, images, dataset, onProgress) : undefined;
  const reached = measured?.accuracy?.after;
  const bytes = encoded(reached === undefined ? silent : saying(silent, 'accuracy', String(reached)));

  const graph = new ModelGraph(source.proto);
  const weighted = nodes.filter((node) => role(node, graph) === 'weighted');
  // The static form leaves a convolution in float whose output is one of the model's.
  const planned = form === 'static' ? planQuantization(graph, excluded).nodes : undefined;
  const report = {
    form,
    weighted: {
      all: weighted.length,
      quantized: weighted.filter((node) => planned?.has(node) ?? !excluded(node)).length,
    },
    sizeBytes: { before: source.sizeBytes, after: bytes.length },
    warnings: padding === undefined ? [] : [padding],
    ...(measured === undefined ? {} : { measured }),
  };
  if (!options.sensitivity || images === undefined) return { bytes, report };
  const sensitivity = await sensitivities(source.proto, {
    quantize,
    excluded,
    images: () => images.training(options.calibrationImages),
    onProgress: (done, all) => onProgress(`operation ${done + 1} of ${all} alone`),
  });
  return { bytes, report: { ...report, sensitivity } };
}

function noSensitivity(where: string): GenonnxError {
  return new GenonnxError('usage', 'The sensitivity of operations is measured on classifiers.', {
    where,
    expected: 'a network that answers a picture with one class',
    found: '`sensitivity` of a segmentation network',
    cure: 'Leave `sensitivity` out.',
  });
}

function stoppable(images: ModelImages, signal: AbortSignal | undefined): ModelImages {
  return {
    ...images,
    training: (count) => until(signal, images.training(count)),
    test: () => until(signal, images.test()),
  };
}

/** What both models answer on the test images. */
async function cost(
  { proto: source, ofPixels }: FloatModel,
  quantized: onnx.ModelProto,
  images: ModelImages,
  { name, test }: Dataset,
  onProgress: (text: string) => void,
): Promise<NonNullable<QuantizationReport['measured']>> {
  onProgress(`${test.count} test images through both models`);
  if (ofPixels) return { dataset: name, departure: await pixelDeparture(source, quantized, images.test()) };
  const [before, after] = [await answersOf(source, images.test()), await answersOf(quantized, images.test())];
  return {
    dataset: name,
    accuracy: { before: before.accuracy, after: after.accuracy },
    departure: departure(before, after),
  };
}

function encoded(model: onnx.ModelProto): Uint8Array {
  return proto.ModelProto.encode(model).finish();
}

function saying(model: onnx.ModelProto, key: string, value: string): onnx.ModelProto {
  return proto.ModelProto.fromObject({ ...model, metadataProps: [...model.metadataProps, { key, value }] });
}

type Quantizer = (excluded: (node: onnx.INodeProto) => boolean) => onnx.ModelProto;

async function quantizer(
  model: onnx.ModelProto,
  images: ModelImages | undefined,
  { form, calibrationImages, ranges: method, onProgress = () => {} }: QuantizeOptions,
): Promise<Quantizer> {
  if (form === 'dynamic') return (excluded) => dynamicQuantize(model, { excluded });
  if (images === undefined) {
    throw new GenonnxError('usage', 'Static quantization needs images to calibrate on.', {
      where: '`dataset`',
      expected: 'a data set',
      cure: 'Name the data set that the model was trained on, or choose `form` dynamic.',
    });
  }
  onProgress(`calibration on ${calibrationImages} training images`);
  const ranges = await calibrate(model, images.training(calibrationImages), method);
  return (excluded) => insertQdq(model, ranges, { excluded });
}

/** What the model said of itself, and what was done to it. */
function withMetadata(
  model: onnx.ModelProto,
  { metadata }: FloatModel,
  { form, dataset, calibrationImages, ranges, exclude }: QuantizeOptions,
): onnx.ModelProto {
  const calibration = { dataset: dataset?.name, images: calibrationImages, ranges };
  const quantization = {
    form,
    weights: { bits: 8, largest: safeWeight, scales: 'channel' },
    ...(form === 'static' ? { calibration } : {}),
    ...(exclude.length === 0 ? {} : { exclude }),
  };
  // Its scores are those of the float32 model no longer.
  const kept = [...metadata].filter(([key]) => !METRIC_NAMES.includes(key));
  const said = new Map([...kept, ['precision', 'int8'], ['quantization', JSON.stringify(quantization)]]);
  const metadataProps = [...said].map(([key, value]) => ({ key, value }));
  return proto.ModelProto.fromObject({ ...model, metadataProps });
}
