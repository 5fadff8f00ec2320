// The float32 model that is quantized. One of ours is rebuilt from its graph, with batch norms folded into the
// convolutions and, where asked for, maps of as many channels as integer kernels want; a stranger's is taken as it is.
import { lowerModel } from '../../../exporters/onnx.js';
import { cost } from '../../../graphs/cost.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto as codec } from '../../../graphs/onnx/proto.js';
import { ModelGraph } from '../../../graphs/onnx/quantize/model-graph.js';
import { quantizableValues } from '../../../graphs/onnx/quantize/plan.js';
import { convolveReductions } from '../../../graphs/passes/convolve-reductions.js';
import { foldBatchNorm } from '../../../graphs/passes/fold-batch-norm.js';
import { padChannels } from '../../../graphs/passes/pad-channels.js';
import { GenonnxError } from '../../errors.js';
import { isLanguageModel, isSegmentation } from '../../networks/deployed.js';
import { metadataIn } from '../../networks/metadata.js';
import { openModelFile, readWholeModel } from '../model-file.js';
import { inferenceIn } from '../opened-model.js';

/** What the fast kernels of depthwise convolutions want multiples of, on x86; on ARM it is 8. */
export const channelBlock = 16;

export interface FloatModel {
  readonly proto: onnx.ModelProto;
  /** Of the file's model, with all of its weights. */
  readonly sizeBytes: number;
  readonly metadata: ReadonlyMap<string, string>;
  /** Whether it answers with a class for each pixel. */
  readonly ofPixels: boolean;
  /** Multiply-adds of one image, with the channels that maps need and with those that they got; of models of ours. */
  readonly macs?: { readonly needed: number; readonly padded: number };
}

export interface FloatModelNeeds {
  /** Pad the maps of a model of ours to whole blocks of channels. */
  readonly fillBlocks: boolean;
  /** The first opset with the operators that the quantized model will have. */
  readonly leastOpset: number;
}

/**
 * @throws GenonnxError `file-missing`, `model-corrupt`; `usage` for a model of an older opset, or without float32 weights to
 * quantize.
 */
export async function openFloatModel(
  path: string,
  { fillBlocks, leastOpset }: FloatModelNeeds,
): Promise<FloatModel> {
  const original = await readWholeModel(path);
  const metadata = metadataIn(original);
  const precision = metadata.get('precision') ?? 'float32';
  if (precision !== 'float32') throw unquantizable(path, `${precision} weights`);
  const isOurs = inferenceIn(metadata) !== undefined;
  const { proto, ...counted } = isOurs
    ? await rebuilt(path, fillBlocks)
    : { proto: original, ofPixels: false };
  const opset = opsetOf(proto);
  if (opset < leastOpset) throw tooOld(path, opset, leastOpset);
  if (quantizableValues(new ModelGraph(proto)).length === 0)
    throw unquantizable(path, 'no node with constant float32 weights');
  return { proto, sizeBytes: encodedSize(original), metadata, ...counted };
}

function noPictures(where: string): GenonnxError {
  return new GenonnxError('usage', 'Language models are not quantized here: ranges are found on images.', {
    where,
    expected: 'an image network',
    found: 'a language model',
    cure: 'Compile it with `precision` float16, which halves it.',
  });
}

async function rebuilt(
  path: string,
  fillBlocks: boolean,
): Promise<Pick<FloatModel, 'proto' | 'ofPixels' | 'macs'>> {
  const { proto, network, bound, optimization } = await openModelFile(path);
  if (isLanguageModel(network)) throw noPictures(path);
  const folded = convolveReductions(optimization === 'none' ? foldBatchNorm(bound) : bound);
  const filled = fillBlocks ? padChannels(folded, channelBlock) : folded;
  const { bytes } = lowerModel(filled, {
    opset: opsetOf(proto),
    metadata: Object.fromEntries(metadataIn(proto)),
  });
  const macs = { needed: cost(folded.graph).macs, padded: cost(filled.graph).macs };
  return { proto: decodeModel(bytes, path), ofPixels: isSegmentation(network), macs };
}

/** Of ONNX's own operators, whose domain goes by two names. */
function opsetOf({ opsetImport }: onnx.ModelProto): number {
  return Number(opsetImport.find(({ domain }) => !domain || domain === 'ai.onnx')?.version ?? 1);
}

function encodedSize(model: onnx.ModelProto): number {
  return codec.ModelProto.encode(model).finish().length;
}

function unquantizable(where: string, found: string): GenonnxError {
  return new GenonnxError('usage', 'There is nothing to quantize in this model.', {
    where,
    expected: 'convolutions or matrix products with float32 weights as initializers',
    found,
    cure: 'Name the float32 model that it was made from.',
  });
}

function tooOld(where: string, opset: number, leastOpset: number): GenonnxError {
  return new GenonnxError(
    'usage',
    'The model is of an opset without operators that its quantized form needs.',
    {
      where,
      expected: `opset ${leastOpset} or later`,
      found: `opset ${opset}`,
      cure: 'Export the model with opset 13 or later.',
    },
  );
}
