// From a recurrent genotype, with weights or a seed, to the two models of its language model.
import type { Precision } from '../../graphs/onnx/emitter.js';
import { recordOf, requireVocabularySize } from '../data/text/vocabulary-record.js';
import { freshWeights } from '../networks/initial-state.js';
import { metadataOf } from '../networks/metadata.js';
import { requireRoomForWeights } from '../networks/network-limits.js';
import type { Combination } from '../networks/recurrent/derived-cell.js';
import { type LanguageModel, languageInference } from '../networks/recurrent/inference.js';
import { type LanguageModels, languageModel, languageModels } from '../networks/recurrent/models.js';
import { settleLanguageSizes, sizesOfLanguageWeights } from '../networks/recurrent/sizes-of-weights.js';
import { openStream } from '../random.js';
import type { RecurrentGenotype } from '../spaces/recurrent.js';
import { version } from '../version.js';
import { tiedWeights } from './language-weights.js';
import { matchWeights, type NamedWeights, plainNames } from './match-weights.js';

/** What to compile: a genotype, and what is known of its language model, its weights and its words. */
export interface LanguageCompileRequest {
  readonly genotype: RecurrentGenotype;
  /** Of embeddings and hidden states, and how many words there are. Sizes that are not asked for follow from the weights. */
  readonly width?: number | undefined;
  readonly words?: number | undefined;
  /** How a node joins its operations: `mean` by default. */
  readonly combination?: Combination | undefined;
  /** Texts that are read side by side, or the name of the dimension that is left open: `batch` by default. */
  readonly batch?: number | string | undefined;
  /** By PyTorch's names. */
  readonly weights?: NamedWeights | undefined;
  /** Of random weights, where none are given: 1 by default. */
  readonly seed?: number | undefined;
  readonly precision?: Precision | undefined;
  /** The words, in the order of the table's rows. */
  readonly vocabulary?: readonly string[] | undefined;
  /** The name of the file that they will lie in, beside the models: `vocabulary.txt` by default. */
  readonly vocabularyFile?: string | undefined;
  /** What else the models are to say about themselves, `toolVersion` about who made them. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly toolVersion?: string;
  /** Of weights that there is room for: more are refused, before they are made. */
  readonly mostWeightBytes?: number | undefined;
}

/** A language model, ready to be written. */
export interface CompiledLanguage {
  /** The one of `sequence`; the other differs in its form alone. */
  readonly network: LanguageModel;
  /**
   * `input_ids` i64[batch, sequence], `past_recurrent.0` f32[1, batch, width] -> `logits` f32[batch, sequence, words],
   * `present_recurrent.0` f32[1, batch, width]; in `step` the sequence is one word long, and there is no loop.
   */
  readonly models: LanguageModels;
  readonly parameters: number;
  /** Multiply-adds for one word. */
  readonly macs: number;
}

/**
 * The language model of a genotype with its weights: those that are given, or fresh ones.
 * @throws GenonnxError `weights-mismatch` for weights or a vocabulary of another network; `usage` for absurd sizes;
 * `data-corrupt` for what is no vocabulary; `memory`.
 */
export function compileLanguage(request: LanguageCompileRequest): CompiledLanguage {
  const { genotype, combination = 'mean', batch = 'batch', seed = 1, precision = 'float32' } = request;
  const { vocabulary, vocabularyFile = 'vocabulary.txt', toolVersion = version } = request;
  const given = request.weights === undefined ? undefined : tiedWeights(plainNames(request.weights));
  const { words, width } = settleLanguageSizes(
    {
      words: request.words ?? (given === undefined ? vocabulary?.length : undefined),
      width: request.width,
      nodes: genotype.recurrent.nodes.length,
    },
    given === undefined ? undefined : sizesOfLanguageWeights(given),
  );
  if (vocabulary !== undefined) requireVocabularySize(vocabulary, words);
  const network = languageModel({ genotype, words, width, combination }, 'sequence', batch);
  const { weights: slots, parameters, cost } = languageInference(network);
  requireRoomForWeights(slots, request.mostWeightBytes);
  const weights =
    given === undefined ? freshWeights(slots, openStream(seed, 'weights')) : matchWeights(slots, given);
  const models = languageModels(network, weights, (each) => ({
    ...metadataOf({
      network: each,
      toolVersion,
      cost: { parameters, macs: cost.macs },
      precision,
      ...(given === undefined ? { seed, weights: 'random' } : {}),
      ...(vocabulary === undefined ? {} : { vocabulary: recordOf(vocabulary, vocabularyFile) }),
    }),
    ...request.metadata,
  }));
  return { network, models, parameters, macs: cost.macs };
}
