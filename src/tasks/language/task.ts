// Language models around recurrent cells, as a row of the table of tasks.
import type { TextCorpus } from '../../../datasets/text/text-corpus.js';
import { languageInference } from '../../networks/recurrent/inference.js';
import { recurrentParameterCount } from '../../networks/recurrent/parameter-count.js';
import {
  RECURRENT_FORM,
  RECURRENT_SPACE,
  type RecurrentCell,
  type RecurrentPrimitive,
} from '../../spaces/recurrent.js';
import { version } from '../../version.js';
import type { SearchedShape, SearchedTask, TaskSizes } from '../task.js';
import type { LanguageSettings } from './language-settings.js';
import { languageMeasures } from './measures.js';
import { EMBEDDED_TEXT } from './presets.js';
import { resolveLanguageSearch } from './resolve-search.js';
import { resolveLanguageTraining } from './resolve-training.js';
import { languageSearch, searchNetworks } from './search.js';
import {
  LANGUAGE_SEARCH_PRESETS,
  type LanguageSearchConfig,
  type LanguageSearchPresetName,
  languageSearchSchema,
} from './search-settings.js';
import { languageNetwork, languageTraining, trainingNetworks } from './training.js';
import {
  LANGUAGE_TRAINING_PRESETS,
  type LanguageTrainingConfig,
  type LanguageTrainingPresetName,
  languageTrainingSchema,
} from './training-settings.js';

export interface Language extends SearchedShape {
  readonly data: TextCorpus;
  readonly search: LanguageSearchConfig;
  readonly training: LanguageTrainingConfig;
  readonly searchPreset: LanguageSearchPresetName;
  readonly trainingPreset: LanguageTrainingPresetName;
  readonly cell: RecurrentCell;
  readonly primitive: RecurrentPrimitive;
}

export const language: SearchedTask<Language> = {
  measures: languageMeasures,
  form: RECURRENT_FORM,
  space: RECURRENT_SPACE,
  embedded: [EMBEDDED_TEXT],
  examples: ({ train, test }) => ({ train: train.length, test: test.length }),
  search: {
    presets: LANGUAGE_SEARCH_PRESETS,
    schema: languageSearchSchema,
    resolve: resolveLanguageSearch,
    problem: (settings, corpus) => languageSearch(settings, corpus, RECURRENT_SPACE),
    sizes: {
      networks: (settings, corpus) => searchNetworks(settings, corpus, RECURRENT_SPACE),
      ...modelSizes<LanguageSearchConfig>(),
    },
  },
  training: {
    presets: LANGUAGE_TRAINING_PRESETS,
    schema: languageTrainingSchema,
    resolve: resolveLanguageTraining,
    problem: (settings, corpus) => languageTraining(settings, corpus, version),
    sizes: { networks: trainingNetworks, ...modelSizes<LanguageTrainingConfig>() },
    parameters(settings, corpus) {
      const { genotype, words, width } = languageNetwork(settings, corpus);
      return recurrentParameterCount({ words, width, nodes: genotype.recurrent.nodes.length });
    },
    inference: (settings, corpus) =>
      languageInference({ ...languageNetwork(settings, corpus), name: 'recurrent', form: 'step', batch: 1 }),
  },
};

function modelSizes<S extends Pick<LanguageSettings, 'batch' | 'width'>>(): Omit<
  TaskSizes<S, TextCorpus, never>,
  'networks'
> {
  return {
    batch: { name: 'batch', of: ({ batch }) => batch, with: (settings, batch) => ({ ...settings, batch }) },
    width: { name: 'width', of: ({ width }) => width, with: (settings, width) => ({ ...settings, width }) },
  };
}
