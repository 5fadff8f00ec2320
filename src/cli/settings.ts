// Options that set one member of a run's settings each. A command is given a table of them; what the user says
// explicitly overrides the preset, and must agree with the stored settings when a run is resumed.
import type { Command } from 'commander';
import { OPTIMIZERS } from '../../graphs/optimizers/index.js';
import { engineChoices, layoutChoices } from '../engines/choice.js';
import { SCHEDULES } from '../optimizers/schedule.js';
import { number, oneOf, wholeNumber } from './options.js';

export type SettingValue = string | number | boolean | number[];

/** Explicit settings by dotted path, `weights.learningRate`. */
export type Overrides = ReadonlyMap<string, SettingValue>;

export interface Setting {
  /** As commander writes it, `--learning-rate <x>`. */
  readonly flags: string;
  readonly description: string;
  /** Where in the settings it belongs, dotted. */
  readonly path: string;
  readonly parse?: (text: string) => SettingValue;
}

export const dataSettings: readonly Setting[] = [
  {
    flags: '--data <name|folder>',
    description:
      'fashion-mnist, sotu (or its halves, sotu-early and sotu-late) or scenes (embedded), or a folder: of a folder of pictures for each class, of PASCAL VOC, of idx or CIFAR binary files, or of train.txt, valid.txt and test.txt',
    path: 'data',
    parse: String,
  },
  {
    flags: '--limit <n>',
    description: 'use the first n training images, class-balanced, or the first n training words',
    path: 'limit',
    parse: wholeNumber('limit'),
  },
];

export const imageSettings: readonly Setting[] = [
  {
    flags: '--pad-to <n>',
    description:
      'surround images with black to this height and width; pictures of files are scaled to fit, too',
    path: 'padTo',
    parse: wholeNumber('pad-to'),
  },
  {
    flags: '--crop <n>',
    description: 'random crop after padding by n pixels',
    path: 'cropPadding',
    parse: wholeNumber('crop', 0),
  },
  { flags: '--no-flip', description: 'no random horizontal flip', path: 'flip' },
  {
    flags: '--cutout <n>',
    description: 'blank a random square of n pixels',
    path: 'cutout',
    parse: wholeNumber('cutout', 0),
  },
  {
    flags: '--crop-size <n>',
    description:
      "ImageNet's random crops, of this height and width (presets imagenet and imagenet-darts: 224), or segmentation's (voc: 513)",
    path: 'augmentation.size',
    parse: wholeNumber('crop-size'),
  },
  {
    flags: '--resize <n>',
    description:
      'shorter side of a test picture before its crop (default: 256 for crops of 224, and in proportion)',
    path: 'augmentation.resize',
    parse: wholeNumber('resize'),
  },
  {
    flags: '--skip-broken',
    description: 'leave out pictures that cannot be decoded, and say how many',
    path: 'skipBroken',
  },
  {
    flags: '--workers <n>',
    description: 'threads that read pictures (default 2); 0 reads on the main one',
    path: 'workers',
    parse: wholeNumber('workers', 0),
  },
];

export const cellSettings: readonly Setting[] = [
  { flags: '--cells <n>', description: 'cells', path: 'cells', parse: wholeNumber('cells') },
  {
    flags: '--channels <n>',
    description: 'initial channels',
    path: 'channels',
    parse: wholeNumber('channels'),
  },
];

export const lengthSettings: readonly Setting[] = [
  {
    flags: '--batch <n>',
    description: 'images, or columns of words, a step',
    path: 'batch',
    parse: wholeNumber('batch'),
  },
  { flags: '--epochs <n>', description: 'epochs', path: 'epochs', parse: wholeNumber('epochs') },
  {
    flags: '--seed <n>',
    description: 'seed of everything random',
    path: 'seed',
    parse: wholeNumber('seed', 0),
  },
];

export const weightSettings: readonly Setting[] = [
  {
    flags: '--lr <x>',
    description: 'learning rate of the weights at the start',
    path: 'weights.learningRate',
    parse: number('lr', 0),
  },
  {
    flags: '--lr-min <x>',
    description: 'learning rate that the schedule ends at',
    path: 'weights.finalLearningRate',
    parse: number('lr-min', 0),
  },
  {
    flags: '--momentum <x>',
    description: "momentum of the weights' SGD",
    path: 'weights.momentum',
    parse: number('momentum', 0),
  },
  {
    flags: '--weight-decay <x>',
    description: 'weight decay of the weights',
    path: 'weights.weightDecay',
    parse: number('weight-decay', 0),
  },
  {
    flags: '--clip <x>',
    description: 'largest norm of the gradient',
    path: 'weights.clipNorm',
    parse: number('clip', 0),
  },
  {
    flags: '--schedule <name>',
    description: `learning rate over the epochs: ${SCHEDULES.join(', ')}`,
    path: 'schedule',
    parse: oneOf('schedule', SCHEDULES),
  },
];

/** Of trainings. */
export const scheduleSettings: readonly Setting[] = [
  {
    flags: '--schedule-power <x>',
    description: 'power of the poly schedule (default 0.9)',
    path: 'scheduleOptions.power',
    parse: number('schedule-power', 0),
  },
  {
    flags: '--lr-decay <x>',
    description:
      'factor of the exponential schedule for each epoch (default 0.97), and of step (default 0.1)',
    path: 'scheduleOptions.decay',
    parse: number('lr-decay', 0),
  },
  {
    flags: '--lr-decay-epochs <n>',
    description: 'epochs with the same rate in the step schedule (default 30)',
    path: 'scheduleOptions.decayEpochs',
    parse: wholeNumber('lr-decay-epochs'),
  },
  {
    flags: '--lr-warmup <n>',
    description: 'epochs at the start in which the learning rate rises (default 0)',
    path: 'rateWarmupEpochs',
    parse: wholeNumber('lr-warmup', 0),
  },
];

export const optimizerSettings: readonly Setting[] = [
  {
    flags: '--optimizer <name>',
    description: `optimizer of the weights: ${OPTIMIZERS.join(', ')}`,
    path: 'weights.optimizer',
    parse: oneOf('optimizer', OPTIMIZERS),
  },
  {
    flags: '--patience <n>',
    description: 'epochs that the held-out loss of SGD may stall before asgd averages',
    path: 'weights.patience',
    parse: wholeNumber('patience', 0),
  },
  {
    flags: '--beta1 <x>',
    description: "decay of Adam's first moment",
    path: 'weights.beta1',
    parse: number('beta1', 0),
  },
  {
    flags: '--beta2 <x>',
    description: "decay of Adam's second moment",
    path: 'weights.beta2',
    parse: number('beta2', 0),
  },
];

export const engineSettings: readonly Setting[] = [
  {
    flags: '--checkpoint-seconds <x>',
    description: 'time between checkpoints inside of an epoch',
    path: 'checkpointSeconds',
    parse: number('checkpoint-seconds', 0),
  },
  {
    flags: '--engine <engine>',
    description: 'auto (tfjs where its package for GPUs is installed and sees one, else ort), ort or tfjs',
    path: 'engine',
    parse: oneOf('engine', engineChoices),
  },
  {
    flags: '--layout <layout>',
    description: 'memory layout of ort: auto, blocked or portable',
    path: 'layout',
    parse: oneOf('layout', layoutChoices),
  },
  {
    flags: '--threads <n>',
    description: 'threads of the runtime',
    path: 'threads',
    parse: wholeNumber('threads'),
  },
];

/** Adds the options to a command. */
export function addSettings(command: Command, settings: readonly Setting[]): Command {
  for (const { flags, description, parse } of settings) {
    if (parse === undefined) command.option(flags, description);
    else command.option(flags, description, parse);
  }
  return command;
}

/** What the user said explicitly. */
export function overridesOf(command: Command, settings: readonly Setting[]): Overrides {
  const overrides = new Map<string, SettingValue>();
  const values: Record<string, unknown> = command.opts();
  for (const { flags, path } of settings) {
    const name = attributeName(flags);
    if (command.getOptionValueSource(name) !== 'cli') continue;
    const value = values[name];
    if (isSettingValue(value)) overrides.set(path, value);
  }
  return overrides;
}

function isSettingValue(value: unknown): value is SettingValue {
  if (Array.isArray(value)) return value.every((each) => typeof each === 'number');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** commander's name of an option: `--no-flip` sets `flip`, `--lr-min` sets `lrMin`. */
function attributeName(flags: string): string {
  const [, name = ''] = /^--(?:no-)?([a-z0-9-]+)/.exec(flags) ?? [];
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
