// The two models of a language model with their weights, ready to be written, and what they say of themselves.
import type { BoundGraph } from '../../../graphs/bound-graph.js';
import { bindWeights, type InferenceGraph } from '../inference-graph.js';
import type { LanguageNetwork } from './derived-language.js';
import { type LanguageForm, type LanguageModel, languageInference } from './inference.js';

export interface BoundLanguageModel {
  readonly network: LanguageModel;
  readonly bound: BoundGraph;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Two models of one network, with the same weights. */
export type LanguageModels = { readonly [F in LanguageForm]: BoundLanguageModel };

/** A network in the form in which it is deployed. */
export function languageModel(
  { genotype, words, width, combination }: LanguageNetwork,
  form: LanguageForm,
  batch: number | string,
): LanguageModel {
  return { name: 'recurrent', form, genotype, words, width, combination, batch };
}

/**
 * Both models, of any form of the network. `weights` are those of either, in the order of its inference graph: it is the same.
 * `say` makes the metadata of each.
 * @throws GenonnxError as `languageInference`.
 */
export function languageModels(
  network: LanguageModel,
  weights: readonly Float32Array[],
  say: (network: LanguageModel, inference: InferenceGraph) => Readonly<Record<string, string>>,
): LanguageModels {
  const of = (form: LanguageForm): BoundLanguageModel => {
    const model = { ...network, form };
    const inference = languageInference(model);
    return { network: model, bound: bindWeights(inference, weights), metadata: say(model, inference) };
  };
  return { sequence: of('sequence'), step: of('step') };
}
