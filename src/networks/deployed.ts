// Networks that are deployed, of whatever kind: what answers pictures, with a class or with one for each pixel, and language models.
import { z } from 'zod';
import { type SegmentationModel, segmentationInference } from './deeplab/inference.js';
import { ALIGNMENTS, OUTPUT_STRIDES } from './deeplab/network.js';
import { NETWORK_NAMES } from './evaluation.js';
import { type InferenceNetwork, inferenceGraph } from './inference.js';
import type { InferenceGraph } from './inference-graph.js';
import { batchSchema, networkLimits, networkSchema } from './network-limits.js';
import { type OneCellModel, oneCellInference } from './one-cell/inference.js';
import { STEM_STRIDES } from './one-cell/network.js';
import { COMBINATIONS } from './recurrent/derived-cell.js';
import { LANGUAGE_FORMS, type LanguageModel, languageInference } from './recurrent/inference.js';

/** Networks of convolutional genotypes. */
export type ConvolutionalNetwork = InferenceNetwork | SegmentationModel;
/** What answers pictures. */
export type ImageNetwork = ConvolutionalNetwork | OneCellModel;
export type DeployedNetwork = ImageNetwork | LanguageModel;

/** Networks of convolutional genotypes. */
export const IMAGE_NETWORK_NAMES = [...NETWORK_NAMES, 'deeplab'] as const;
export type ImageNetworkName = (typeof IMAGE_NETWORK_NAMES)[number];

/** All names, image networks first. */
export const DEPLOYED_NAMES = [...IMAGE_NETWORK_NAMES, 'recurrent'] as const;
export type DeployedName = (typeof DEPLOYED_NAMES)[number];

export function isLanguageModel(network: DeployedNetwork): network is LanguageModel {
  return network.name === 'recurrent';
}

/** Whether it answers with a class for each pixel. */
export function isSegmentation(network: DeployedNetwork): network is SegmentationModel {
  return network.name === 'deeplab';
}

/** Whether its genotype is of a single cell. */
export function isOneCell(network: DeployedNetwork): network is OneCellModel {
  return network.name === 'one-cell';
}

const rate = z.int().min(1).max(networkLimits.extent);
const { auxiliary: _, ...imageShape } = networkSchema.shape;

const segmentationSchema = z.object({
  ...imageShape,
  name: z.literal('deeplab'),
  outputStride: z.literal(OUTPUT_STRIDES),
  asppWidth: z.int().min(1).max(networkLimits.channels),
  rates: z.tuple([rate, rate, rate]).readonly(),
  alignment: z.enum(ALIGNMENTS),
});

const oneCellSchema = z.object({
  ...imageShape,
  name: z.literal('one-cell'),
  stages: z.int().min(1).max(networkLimits.cells),
  stemStride: z.literal(STEM_STRIDES),
});

const languageSchema = z.object({
  name: z.literal('recurrent'),
  form: z.enum(LANGUAGE_FORMS),
  words: z.int().min(1).max(networkLimits.words),
  width: z.int().min(1).max(networkLimits.width),
  combination: z.enum(COMBINATIONS),
  batch: batchSchema,
});

/** The member `network` of a model's metadata, the genotype apart. */
export const deployedSchema = z.discriminatedUnion('name', [
  networkSchema,
  segmentationSchema,
  oneCellSchema,
  languageSchema,
]);

/** @throws GenonnxError as `inferenceGraph`, `segmentationInference` and `languageInference`. */
export function deployedGraph(network: DeployedNetwork): InferenceGraph {
  return isLanguageModel(network) ? languageInference(network) : imageGraph(network);
}

/** @throws GenonnxError as `inferenceGraph`, `segmentationInference` and `oneCellInference`. */
export function imageGraph(network: ImageNetwork): InferenceGraph {
  if (isOneCell(network)) return oneCellInference(network);
  return isSegmentation(network) ? segmentationInference(network) : inferenceGraph(network);
}
