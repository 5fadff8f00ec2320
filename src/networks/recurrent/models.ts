// The two models of a language model with their weights, ready to be written, and what they say of themselves.
import type { BoundGraph } from '../../../graphs/bound-graph.js';
import { bindWeights, type InferenceGraph } from '../inference-graph.js';
import { metadataOf, type Provenance } from '../metadata.js';
import type { LanguageNetwork } from './derived-language.js';
import { type LanguageForm, type LanguageModel, languageInference } from './inference.js';

export interface BoundLanguageModel {
  readonly network: LanguageModel;
  readonly bound: BoundGraph;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is common to both. */
export interface LanguageModelSettings {
  /** Texts that are read side by side, or the name of the dimension that is left open. */
  readonly batch: number | string;
  readonly provenance: Omit<Provenance, 'network' | 'cost'>;
}

/** A network in the form in which it is deployed. */
export function languageModel(
  network: LanguageNetwork,
  form: LanguageForm,
  batch: number | string,
): LanguageModel {
  const { genotype, words, width, combination } = network;
  return { name: 'recurrent', form, genotype, words, width, combination, batch };
}

/**
 * Both models. `weights` are those of either, in the order of its inference graph: it is the same.
 * @throws GenonnxError as `languageInference`.
 */
export function languageModels(
  network: LanguageNetwork,
  weights: readonly Float32Array[],
  { batch, provenance }: LanguageModelSettings,
): { readonly [F in LanguageForm]: BoundLanguageModel } {
  const of = (form: LanguageForm): BoundLanguageModel => {
    const model = languageModel(network, form, batch);
    const inference = languageInference(model);
    const cost = costOf(inference);
    return {
      network: model,
      bound: bindWeights(inference, weights),
      metadata: metadataOf({ ...provenance, network: model, cost }),
    };
  };
  return { sequence: of('sequence'), step: of('step') };
}

function costOf({ parameters, cost }: InferenceGraph): Provenance['cost'] {
  return { parameters, macs: cost.macs };
}
