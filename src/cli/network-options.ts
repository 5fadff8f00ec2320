// The options that say which network of a genotype is meant: what `compile` and `bench cells` share.
import type { Command } from 'commander';
import { NETWORK_NAMES, type NetworkSizes, paperSizes } from '../networks/evaluation.js';
import { networkLimits } from '../networks/network-limits.js';
import { imageShape, oneOf, wholeNumber } from './options.js';

/** Adds `--network`, `--cells`, `--channels`, `--classes` and `--image`; sizes left out are those of the papers. */
export function networkOptions(command: Command): Command {
  return command
    .option('--network <name>', 'cifar or imagenet (default: cifar)', oneOf('network', NETWORK_NAMES))
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

/** A description with the value that each network has in the papers. */
function byNetwork(what: string, of: (sizes: NetworkSizes) => number | string): string {
  return `${what} (default: ${NETWORK_NAMES.map((name) => `${of(paperSizes[name])} for ${name}`).join(', ')})`;
}
