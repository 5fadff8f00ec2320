// The training of a language model around the cell of a genotype.
import type { TextCorpus } from '../../../datasets/text/text-corpus.js';
import { baselinePerplexities } from '../../data/text/baselines.js';
import { batchify } from '../../data/text/columns.js';
import { LONGEST_EXCESS, requireWindows, trainingWindows } from '../../data/text/windows.js';
import type { LanguageNetwork } from '../../networks/recurrent/derived-language.js';
import { parseRecurrentGenotype } from '../../spaces/parse.js';
import type { TrainingNetworks, TrainingProblem } from '../training-problem.js';
import { baselineFigures, languageMeasures } from './measures.js';
import { languageEvaluation, languageStep, windowExtents } from './networks.js';
import { shipLanguageModel } from './ship.js';
import type { LanguageTrainingConfig } from './training-settings.js';
import { regularisationOf, windowBatches, windowsInOrder } from './window-batches.js';

/** The network that a configuration trains on a text. @throws as `parseRecurrentGenotype`. */
export function languageNetwork(
  { genotype, width, combination }: LanguageTrainingConfig,
  { vocabulary }: Pick<TextCorpus, 'vocabulary'>,
): LanguageNetwork {
  return { genotype: parseRecurrentGenotype(genotype), words: vocabulary.length, width, combination };
}

/** What is trained, without the text that it is trained on. @throws as `parseRecurrentGenotype`. */
export function trainingNetworks(
  config: LanguageTrainingConfig,
  corpus: Pick<TextCorpus, 'vocabulary'>,
): TrainingNetworks {
  const { batch, bptt, validationBatch } = config;
  const network = languageNetwork(config, corpus);
  return {
    step: (optimizer) => languageStep(network, batch, regularisationOf(config), optimizer),
    evaluation: () => languageEvaluation(network, validationBatch, 'evaluation'),
    extents: windowExtents(bptt + LONGEST_EXCESS),
  };
}

/** @throws GenonnxError `usage` for a batch or windows that are too large for the text, and as `parseRecurrentGenotype`. */
export function languageTraining(
  config: LanguageTrainingConfig,
  corpus: TextCorpus,
  toolVersion: string,
): TrainingProblem {
  const { batch, bptt, seed, validationBatch, testBatch } = config;
  const network = languageNetwork(config, corpus);
  const columns = batchify(corpus.train, batch);
  requireWindows(columns.rows, bptt);
  const test = batchify(corpus.test, testBatch, 'testBatch');
  return {
    description: `${corpus.name}, ${corpus.train.length} training words, a vocabulary of ${network.words}`,
    measures: languageMeasures,
    batches: (saved) =>
      windowBatches(
        {
          columns,
          words: network.words,
          seed,
          streams: { windows: 'windows', masks: 'masks' },
          draw: (stream) => trainingWindows(columns.rows, bptt, stream),
          settings: config,
        },
        saved,
      ),
    validation: windowsInOrder(batchify(corpus.valid, validationBatch, 'validationBatch'), bptt),
    test: windowsInOrder(test, bptt),
    testExamples: (test.rows - 1) * test.batch,
    ...trainingNetworks(config, corpus),
    testing: () => languageEvaluation(network, testBatch, 'test'),
    conditions: () => ({}),
    ship({ arrays, test: scores }) {
      const origin = { vocabulary: corpus.vocabulary, seed, dataset: corpus.name, toolVersion, scores };
      const { files, figures } = shipLanguageModel(network, arrays, origin);
      const { unigram, bigram } = baselinePerplexities(corpus, {
        valid: validationBatch,
        test: testBatch,
      }).test;
      return {
        files,
        figures: { ...figures, [baselineFigures.unigram]: unigram, [baselineFigures.bigram]: bigram },
      };
    },
  };
}
