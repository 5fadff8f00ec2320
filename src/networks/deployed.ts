// Networks that are deployed, of whatever kind: what answers pictures, and language models.
import { z } from 'zod';
import { NETWORK_NAMES } from './evaluation.js';
import { type InferenceNetwork, inferenceGraph } from './inference.js';
import type { InferenceGraph } from './inference-graph.js';
import { batchSchema, networkLimits, networkSchema } from './network-limits.js';
import { COMBINATIONS } from './recurrent/derived-cell.js';
import { LANGUAGE_FORMS, type LanguageModel, languageInference } from './recurrent/inference.js';

export type DeployedNetwork = InferenceNetwork | LanguageModel;

/** Their names, image networks first. */
export const DEPLOYED_NAMES = [...NETWORK_NAMES, 'recurrent'] as const;
export type DeployedName = (typeof DEPLOYED_NAMES)[number];

export function isLanguageModel(network: DeployedNetwork): network is LanguageModel {
  return network.name === 'recurrent';
}

const languageSchema = z.object({
  name: z.literal('recurrent'),
  form: z.enum(LANGUAGE_FORMS),
  words: z.int().min(1).max(networkLimits.words),
  width: z.int().min(1).max(networkLimits.width),
  combination: z.enum(COMBINATIONS),
  batch: batchSchema,
});

/** The member `network` of a model's metadata, the genotype apart. */
export const deployedSchema = z.discriminatedUnion('name', [networkSchema, languageSchema]);

/** @throws GenonnxError as `inferenceGraph` and `languageInference`. */
export function deployedGraph(network: DeployedNetwork): InferenceGraph {
  return isLanguageModel(network) ? languageInference(network) : inferenceGraph(network);
}
