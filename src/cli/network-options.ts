// The options that say which network of a genotype is meant: what `compile` and `bench cells` share.
import type { Command } from 'commander';
import { GenonnxError } from '../errors.js';
import {
  ALIGNMENTS,
  OUTPUT_STRIDES,
  type OutputStride,
  paperDeeplab,
  type Rates,
  usualRates,
} from '../networks/deeplab/network.js';
import { NETWORK_NAMES, type NetworkSizes, paperSizes } from '../networks/evaluation.js';
import { networkLimits } from '../networks/network-limits.js';
import { COMBINATIONS } from '../networks/recurrent/derived-cell.js';
import { languagePaperSizes } from '../networks/recurrent/parameter-count.js';
import { imageShape, oneOf, wholeNumber } from './options.js';

/** Adds `--network` and what `imageSizes` adds. */
export function networkOptions(command: Command): Command {
  return imageSizes(
    command.option('--network <name>', 'cifar or imagenet (default: cifar)', oneOf('network', NETWORK_NAMES)),
  );
}

/** Adds `--cells`, `--channels`, `--classes` and `--image`; sizes left out are those of the papers. */
export function imageSizes(command: Command): Command {
  return command
    .option(
      '--cells <n>',
      byNetwork('cells', ({ cells }) => cells),
      wholeNumber('cells', 1, networkLimits.cells),
    )
    .option(
      '--channels <n>',
      byNetwork('initial channels', ({ initChannels }) => initChannels),
      wholeNumber('channels', 1, networkLimits.channels),
    )
    .option(
      '--classes <n>',
      byNetwork('classes', ({ classes }) => classes),
      wholeNumber('classes', 1, networkLimits.classes),
    )
    .option(
      '--image <HxWxC>',
      byNetwork('image size', ({ image }) => `${image.height}x${image.width}x${image.channels}`),
      imageShape,
    );
}

/** Adds `--output-stride`, `--aspp-width`, `--rates`, `--alignment`: what describes a segmentation network. */
export function segmentationOptions(command: Command): Command {
  const { outputStride, asppWidth, alignment } = paperDeeplab;
  return command
    .option(
      '--output-stride <n>',
      `image pixels for a pixel of the features of deeplab: ${OUTPUT_STRIDES.join(', ')} (default: ${outputStride})`,
      outputStrideOption,
    )
    .option(
      '--aspp-width <n>',
      `channels of each branch of its head (default: what the weights have, or ${asppWidth})`,
      wholeNumber('aspp-width', 1, networkLimits.channels),
    )
    .option(
      '--rates <a,b,c>',
      `distances of the head's 3x3 convolutions (default: ${usualRates(16).join()}; ${usualRates(8).join()} at output stride 8)`,
      ratesOption,
    )
    .option(
      '--alignment <how>',
      `how logits lie over the image: ${ALIGNMENTS.join(' or ')} (default: ${alignment})`,
      oneOf('alignment', ALIGNMENTS),
    );
}

function outputStrideOption(text: string): OutputStride {
  const found = OUTPUT_STRIDES.find((stride) => String(stride) === text);
  if (found !== undefined) return found;
  throw new GenonnxError('usage', '--output-stride takes 8, 16 or 32.', {
    expected: OUTPUT_STRIDES.join(', '),
    found: text,
    cure: 'Pass for example --output-stride 16.',
  });
}

function ratesOption(text: string): Rates {
  const [first, second, third, ...others] = text
    .split(',')
    .map(wholeNumber('rates', 1, networkLimits.extent));
  if (first !== undefined && second !== undefined && third !== undefined && others.length === 0)
    return [first, second, third];
  throw new GenonnxError('usage', '--rates takes three distances.', {
    expected: 'three whole numbers, separated by commas',
    found: text,
    cure: 'Pass for example --rates 6,12,18.',
  });
}

/** Adds `--width`, `--words`, `--combination` and `--vocabulary`: what describes a language model. */
export function languageOptions(command: Command): Command {
  const { words, width } = languagePaperSizes['Penn Treebank'];
  return command
    .option(
      '--width <n>',
      `of embeddings and hidden states of a language model (default: what the weights have, or ${width})`,
      wholeNumber('width', 1, networkLimits.width),
    )
    .option(
      '--words <n>',
      `words of a language model (default: what the weights have, or the vocabulary, or ${words})`,
      wholeNumber('words', 1, networkLimits.words),
    )
    .option(
      '--combination <how>',
      'how a node of a recurrent cell joins several operations: mean or sum (default: mean)',
      oneOf('combination', COMBINATIONS),
    )
    .option(
      '--vocabulary <file>',
      "the words of a language model, one a line, in the order of the table's rows; written beside the model",
    );
}

/** A description with the value that each network has in the papers. */
function byNetwork(what: string, of: (sizes: NetworkSizes) => number | string): string {
  return `${what} (default: ${NETWORK_NAMES.map((name) => `${of(paperSizes[name])} for ${name}`).join(', ')})`;
}
