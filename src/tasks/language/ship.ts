// What a trained language model is shipped as: two ONNX models, one for windows of any length and one for a word at a time, its
// weights under PyTorch's names, and its vocabulary.
import { printVocabulary } from '../../../datasets/text/vocabulary.js';
import { lowerModel } from '../../../exporters/onnx.js';
import { encodeSafetensors } from '../../../graphs/safetensors.js';
import { recordOf, requireVocabularySize } from '../../data/text/vocabulary-record.js';
import { vectorIn } from '../../engines/transfer.js';
import { metricsIn, type Scores } from '../../loop/meter.js';
import { metadataOf } from '../../networks/metadata.js';
import type { LanguageNetwork } from '../../networks/recurrent/derived-language.js';
import { languageInference } from '../../networks/recurrent/inference.js';
import { languageModel, languageModels } from '../../networks/recurrent/models.js';
import { stateNames } from '../../networks/step.js';
import { runFiles } from '../../runs/run-store.js';
import type { Arrays } from '../../runs/snapshot.js';
import type { Shipped } from '../training-problem.js';
import { languageMeasures } from './measures.js';

export interface LanguageOrigin {
  /** The words, in the order of the table's rows. */
  readonly vocabulary: readonly string[];
  readonly seed: number;
  /** Name of the text. */
  readonly dataset: string;
  readonly toolVersion: string;
  /** On the test text. */
  readonly scores: Scores;
}

/**
 * `arrays` are the flat vectors of a state: of them the parameters count.
 * @throws GenonnxError `file-corrupt` where they are missing, `weights-mismatch` for a vocabulary of another size.
 */
export function shipLanguageModel(
  network: LanguageNetwork,
  arrays: Arrays,
  { vocabulary, seed, dataset, toolVersion, scores }: LanguageOrigin,
): Shipped {
  requireVocabularySize(vocabulary, network.words);
  const model = languageModel(network, 'sequence', 'batch');
  const { weights, parameters, cost } = languageInference(model);
  const vector = vectorIn(arrays, stateNames.parameters);
  const data = weights.map(({ offset, size }) => vector.slice(offset, offset + size));
  const { sequence, step } = languageModels(model, data, (each) =>
    metadataOf({
      network: each,
      toolVersion,
      seed,
      dataset,
      vocabulary: recordOf(vocabulary, runFiles.vocabulary),
      scores: metricsIn(scores, languageMeasures),
      cost: { parameters, macs: cost.macs },
    }),
  );
  const bytesOf = ({ bound, metadata }: typeof sequence) => lowerModel(bound, { metadata }).bytes;
  return {
    files: [
      { name: runFiles.model, data: bytesOf(sequence) },
      { name: runFiles.step, data: bytesOf(step) },
      {
        name: runFiles.weights,
        data: encodeSafetensors(
          weights.map(({ name, shape }, i) => [
            name,
            { dtype: 'F32', shape, data: data[i] ?? new Float32Array(0) },
          ]),
        ),
      },
      { name: runFiles.vocabulary, data: printVocabulary(vocabulary) },
    ],
    figures: { parameters, macs: cost.macs },
  };
}
