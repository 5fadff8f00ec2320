// The options of searches and trainings of language models, beside those that every task has.
import { COMBINATIONS } from '../networks/recurrent/derived-cell.js';
import { SPLITS } from '../tasks/language/search-settings.js';
import { number, oneOf, wholeNumber } from './options.js';
import type { Setting } from './settings.js';

const dropout = (flag: string, path: string, of: string): Setting => ({
  flags: `--dropout-${flag} <x>`,
  description: `probability that ${of} are dropped`,
  path: `dropout.${path}`,
  parse: number(`dropout-${flag}`, 0),
});

const common: readonly Setting[] = [
  {
    flags: '--width <n>',
    description: 'of embeddings and hidden states',
    path: 'width',
    parse: wholeNumber('width'),
  },
  { flags: '--bptt <n>', description: 'words of a window', path: 'bptt', parse: wholeNumber('bptt') },
  {
    flags: '--validation-batch <n>',
    description: 'columns that the validation text is evaluated in',
    path: 'validationBatch',
    parse: wholeNumber('validation-batch'),
  },
  dropout('words', 'rows', 'words of the vocabulary'),
  dropout('embeddings', 'emb', 'embeddings'),
  dropout('inputs', 'x', 'inputs of the cell'),
  dropout('states', 'h', 'states inside of the cell'),
  dropout('outputs', 'out', 'outputs of the cell'),
  {
    flags: '--activity <x>',
    description: 'weight of the penalty on large outputs (AR)',
    path: 'activity',
    parse: number('activity', 0),
  },
  {
    flags: '--slowness <x>',
    description: 'weight of the penalty on outputs that change fast (TAR)',
    path: 'slowness',
    parse: number('slowness', 0),
  },
];

export const languageSearchSettings: readonly Setting[] = [
  ...common,
  {
    flags: '--split <text>',
    description: 'what the alphas learn from: the validation text, or the end of the training text',
    path: 'split',
    parse: oneOf('split', SPLITS),
  },
];

export const languageTrainSettings: readonly Setting[] = [
  ...common,
  {
    flags: '--combination <how>',
    description: 'how a node of several operations joins them: mean or sum',
    path: 'combination',
    parse: oneOf('combination', COMBINATIONS),
  },
  {
    flags: '--test-batch <n>',
    description: 'columns that the test text is evaluated in',
    path: 'testBatch',
    parse: wholeNumber('test-batch'),
  },
];
