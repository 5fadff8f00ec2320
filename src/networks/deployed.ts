// Networks that are deployed, of whatever kind: what answers pictures, with a class or with one for each pixel, and language models.
import { z } from 'zod';
import { type SegmentationModel, segmentationInference } from './deeplab/inference.js';
import { ALIGNMENTS, OUTPUT_STRIDES } from './deeplab/network.js';
import { NETWORK_NAMES } from './evaluation.js';
import { type InferenceNetwork, inferenceGraph } from './inference.js';
import type { InferenceGraph } from './inference-graph.js';
import { batchSchema, networkLimits, networkSchema } from './network-limits.js';
import { COMBINATIONS } from './recurrent/derived-cell.js';
import { LANGUAGE_FORMS, type LanguageModel, languageInference } from './recurrent/inference.js';

/** What answers pictures. */
export type ImageNetwork = InferenceNetwork | SegmentationModel;
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
  languageSchema,
]);

/** @throws GenonnxError as `inferenceGraph`, `segmentationInference` and `languageInference`. */
export function deployedGraph(network: DeployedNetwork): InferenceGraph {
  return isLanguageModel(network) ? languageInference(network) : imageGraph(network);
}

/** @throws GenonnxError as `inferenceGraph` and `segmentationInference`. */
export function imageGraph(network: ImageNetwork): InferenceGraph {
  return isSegmentation(network) ? segmentationInference(network) : inferenceGraph(network);
}
