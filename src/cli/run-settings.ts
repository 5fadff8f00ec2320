// The settings of searches and trainings as options of the command line: tables that the commands, studies and messages share.
import { METHODS } from '../estimators/methods.js';
import { NETWORK_NAMES } from '../networks/evaluation.js';
import { TASK_NAMES, type TaskName } from '../tasks/tasks.js';
import { languageSearchSettings, languageTrainSettings } from './language-settings.js';
import { number, oneOf, wholeNumber } from './options.js';
import { segmentationTrainSettings } from './segmentation-settings.js';
import {
  cellSettings,
  dataSettings,
  engineSettings,
  imageSettings,
  lengthSettings,
  optimizerSettings,
  type Setting,
  scheduleSettings,
  weightSettings,
} from './settings.js';

/** Of searches, whatever they are of. */
const methodSettings: readonly Setting[] = [
  {
    flags: '--method <name>',
    description: `relaxation: ${METHODS.join(', ')}`,
    path: 'method',
    parse: oneOf('method', METHODS),
  },
  {
    flags: '--mode <mode>',
    description: 'alternating (alphas on held-out examples) or joint (Eq. 6)',
    path: 'mode',
    parse: oneOf('mode', ['alternating', 'joint']),
  },
  {
    flags: '--samples <M>',
    description: 'samples M of the Ensemble Gumbel-Softmax',
    path: 'samples',
    parse: wholeNumber('samples'),
  },
  {
    flags: '--scope <scope>',
    description: 'what one code is drawn for: edge or node',
    path: 'scope',
    parse: oneOf('scope', ['edge', 'node']),
  },
  {
    flags: '--parameterisation <p>',
    description: 'softmax or relu',
    path: 'parameterisation',
    parse: oneOf('parameterisation', ['softmax', 'relu']),
  },
  {
    flags: '--normalise <how>',
    description: 'none, or sum: divide the code by its sum',
    path: 'normalise',
    parse: oneOf('normalise', ['none', 'sum']),
  },
  {
    flags: '--route <route>',
    description: 'gradient of the code: all candidates (exact), or only the active ones',
    path: 'route',
    parse: oneOf('route', ['all', 'active']),
  },
  {
    flags: '--temperature-start <x>',
    description: 'temperature at the start',
    path: 'temperature.start',
    parse: number('temperature-start', 1e-6),
  },
  {
    flags: '--temperature-end <x>',
    description: 'temperature at the end of its schedule',
    path: 'temperature.end',
    parse: number('temperature-end', 1e-6),
  },
  {
    flags: '--temperature-epochs <n>',
    description: 'length of the temperature schedule',
    path: 'temperature.epochs',
    parse: wholeNumber('temperature-epochs'),
  },
  {
    flags: '--train-fraction <x>',
    description: 'share of the training examples that the weights learn from',
    path: 'trainFraction',
    parse: number('train-fraction', 0),
  },
  {
    flags: '--warmup <n>',
    description: 'epochs in which the alphas stay as they are',
    path: 'warmupEpochs',
    parse: wholeNumber('warmup', 0),
  },
  ...weightSettings,
  {
    flags: '--alpha-lr <x>',
    description: "learning rate of the alphas' Adam",
    path: 'alphas.learningRate',
    parse: number('alpha-lr', 0),
  },
  {
    flags: '--alpha-weight-decay <x>',
    description: 'weight decay of the alphas',
    path: 'alphas.weightDecay',
    parse: number('alpha-weight-decay', 0),
  },
  {
    flags: '--entropy-weight <x>',
    description: 'adds the mean entropy of the alphas to their loss: they decide sooner',
    path: 'penalties.entropy',
    parse: number('entropy-weight', 0),
  },
  {
    flags: '--sparsity-weight <x>',
    description: 'adds the expected number of operations: cells get smaller',
    path: 'penalties.operations',
    parse: number('sparsity-weight', 0),
  },
  {
    flags: '--stop-on-skips',
    description: 'end where the normal cell has two skip connections (DARTS+)',
    path: 'stopOnSkips',
  },
];

const searchSettings: readonly Setting[] = [
  ...dataSettings,
  ...imageSettings,
  ...cellSettings,
  ...lengthSettings,
  {
    flags: '--network <name>',
    description: 'stem of the supernet, and the network that will be trained: cifar (default) or imagenet',
    path: 'network',
    parse: oneOf('network', NETWORK_NAMES),
  },
  ...methodSettings,
  ...engineSettings,
];

/** What the trained child may cost; taken together. */
const budgetSettings: readonly Setting[] = [
  {
    flags: '--budget <n>',
    description: 'what the trained child may cost in expectation, in the unit of --budget-unit',
    path: 'budget.most',
    parse: number('budget', 1e-6),
  },
  {
    flags: '--budget-unit <unit>',
    description: 'macs (default), parameters, or latency: milliseconds a batch of --latency-table',
    path: 'budget.unit',
    parse: oneOf('budget-unit', ['macs', 'parameters', 'latency']),
  },
  {
    flags: '--budget-cells <n>',
    description: 'cells of the trained child (default 20, or as the latency table has it)',
    path: 'budget.cells',
    parse: wholeNumber('budget-cells'),
  },
  {
    flags: '--budget-channels <n>',
    description: 'initial channels of the trained child (default 36, or as the latency table has it)',
    path: 'budget.channels',
    parse: wholeNumber('budget-channels'),
  },
  {
    flags: '--budget-weight <x>',
    description: 'weight of the squared excess over the budget (default 1)',
    path: 'penalties.budget',
    parse: number('budget-weight', 0),
  },
];

const restoreSetting: Setting = {
  flags: '--restore <n>',
  description:
    'times that the best state is restored where the loss is no number any more (default: 10 for text, none for images)',
  path: 'restore.most',
  parse: wholeNumber('restore'),
};

const smoothingSetting: Setting = {
  flags: '--label-smoothing <x>',
  description: 'label smoothing',
  path: 'labelSmoothing',
  parse: number('label-smoothing', 0),
};

/** Of networks of a single cell. */
const oneCellSettings: readonly Setting[] = [
  {
    flags: '--stages <n>',
    description: 'of networks of a single cell: stages of --cells cells each, with a reduction between them',
    path: 'stages',
    parse: wholeNumber('stages'),
  },
  {
    flags: '--stem-stride <n>',
    description: 'of networks of a single cell: by how much their stem makes images smaller: 1, 2 or 4',
    path: 'stemStride',
    parse: wholeNumber('stem-stride', 1, 4),
  },
];

const validationSetting: Setting = {
  flags: '--validation-share <x>',
  description: 'share of the training images held out to choose the best state',
  path: 'validationShare',
  parse: number('validation-share', 0),
};

const trainSettings: readonly Setting[] = [
  ...dataSettings,
  ...imageSettings,
  ...cellSettings,
  ...lengthSettings,
  {
    flags: '--network <name>',
    description: 'which network is trained: cifar (default), or imagenet',
    path: 'network',
    parse: oneOf('network', NETWORK_NAMES),
  },
  ...weightSettings,
  ...scheduleSettings,
  ...optimizerSettings,
  restoreSetting,
  smoothingSetting,
  {
    flags: '--drop-path <x>',
    description: 'drop probability of paths, reached in the last epoch',
    path: 'dropPath',
    parse: number('drop-path', 0),
  },
  { flags: '--no-auxiliary', description: 'no auxiliary head', path: 'auxiliary' },
  {
    flags: '--auxiliary-weight <x>',
    description: "weight of the auxiliary head's loss",
    path: 'auxiliaryWeight',
    parse: number('auxiliary-weight', 0),
  },
  validationSetting,
  ...engineSettings,
];

interface TaskSettings {
  readonly search: readonly Setting[];
  /** Of searches that a person begins, not of those of studies. */
  readonly budget: readonly Setting[];
  readonly train: readonly Setting[];
}

/** The options of each task's searches and trainings. An option that several tasks have means the same in all of them. */
export const taskSettings: { readonly [T in TaskName]: TaskSettings } = {
  classification: { search: searchSettings, budget: budgetSettings, train: trainSettings },
  language: {
    search: [
      ...dataSettings,
      ...lengthSettings,
      ...methodSettings,
      ...languageSearchSettings,
      ...engineSettings,
    ],
    budget: [],
    train: [
      ...dataSettings,
      ...lengthSettings,
      ...weightSettings,
      ...scheduleSettings,
      ...optimizerSettings,
      ...languageTrainSettings,
      ...engineSettings,
    ],
  },
  'one-cell': {
    search: [
      ...dataSettings,
      ...imageSettings,
      ...cellSettings,
      ...oneCellSettings,
      ...lengthSettings,
      ...methodSettings,
      ...engineSettings,
    ],
    budget: [],
    train: [
      ...dataSettings,
      ...imageSettings,
      ...cellSettings,
      ...oneCellSettings,
      ...lengthSettings,
      ...weightSettings,
      ...scheduleSettings,
      ...optimizerSettings,
      restoreSetting,
      smoothingSetting,
      validationSetting,
      ...engineSettings,
    ],
  },
  segmentation: {
    search: [],
    budget: [],
    train: [
      ...dataSettings,
      ...imageSettings.filter(({ path }) => ['flip', 'workers', 'augmentation.size'].includes(path)),
      ...cellSettings,
      ...lengthSettings,
      ...weightSettings,
      ...scheduleSettings,
      ...optimizerSettings,
      restoreSetting,
      validationSetting,
      ...segmentationTrainSettings,
      ...engineSettings,
    ],
  },
};

/** The options that a command takes, whatever the task, each once. */
export function settingsOf(...parts: readonly (keyof TaskSettings)[]): Setting[] {
  const all = TASK_NAMES.flatMap((task) => parts.flatMap((part) => taskSettings[task][part]));
  return [...new Map(all.map((setting) => [setting.flags, setting])).values()];
}
