// The options of trainings of segmentation, beside those that every training has.
import { ALIGNMENTS, OUTPUT_STRIDES } from '../networks/deeplab/network.js';
import { number, oneOf, wholeNumber } from './options.js';
import type { Setting } from './settings.js';

const rate = wholeNumber('rates');
const outputStride = oneOf('output-stride', OUTPUT_STRIDES.map(String));

export const segmentationTrainSettings: readonly Setting[] = [
  {
    flags: '--steps <n>',
    description:
      'steps in all, which the epochs share out evenly (default: an epoch goes once over the images)',
    path: 'steps',
    parse: wholeNumber('steps'),
  },
  {
    flags: '--output-stride <n>',
    description: 'how much smaller than the image the features of segmentation are: 8, 16 or 32',
    path: 'outputStride',
    parse: (text) => Number(outputStride(text)),
  },
  {
    flags: '--aspp-width <n>',
    description: "channels of each branch of segmentation's head",
    path: 'asppWidth',
    parse: wholeNumber('aspp-width'),
  },
  {
    flags: '--rates <list>',
    description: 'dilations of its three branches of 3x3, 6,12,18',
    path: 'rates',
    parse: (text) => text.split(',').map((part) => rate(part.trim())),
  },
  {
    flags: '--alignment <how>',
    description: 'where pixels lie when logits are made larger: align-corners or half-pixel',
    path: 'alignment',
    parse: oneOf('alignment', ALIGNMENTS),
  },
  {
    flags: '--dropout <x>',
    description: 'probability that a channel of a pixel is dropped before the classes are told',
    path: 'dropout',
    parse: number('dropout', 0),
  },
  {
    flags: '--freeze-norm',
    description: 'batch norms keep the statistics of the backbone: for batches below 12',
    path: 'freezeNorm',
  },
  {
    flags: '--backbone <run|file>',
    description: 'what the backbone begins with: a training on ImageNet, or a file of its weights',
    path: 'backbone',
    parse: String,
  },
];
