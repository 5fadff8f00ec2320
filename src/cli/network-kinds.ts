// Which kind of network `compile` is asked for, and the options that only one of the kinds has.
import { GenonnxError } from '../errors.js';
import type { DeployedName } from '../networks/deployed.js';
import type { NetworkName } from '../networks/evaluation.js';
import { type GenotypeKind, wrongKindError } from '../spaces/kinds.js';

/** The image network that a convolutional genotype is for. @throws GenonnxError `genotype-kind` where it is another. */
export function imageNetworkOf(network: DeployedName | undefined): NetworkName | undefined {
  if (network !== 'recurrent') return network;
  throw wrongKindError('convolutional', 'recurrent', '--genotype');
}

/** @throws GenonnxError `genotype-kind` where a recurrent genotype is given to an image network. */
export function requireLanguageNetwork(network: DeployedName | undefined): void {
  if (network === undefined || network === 'recurrent') return;
  throw wrongKindError('recurrent', 'convolutional', '--genotype');
}

/** By their flags; commander names them without dashes. */
const optionsOf: { readonly [K in GenotypeKind]: Readonly<Record<string, string>> } = {
  convolutional: {
    cells: '--cells',
    channels: '--channels',
    classes: '--classes',
    image: '--image',
    auxiliary: '--auxiliary',
    labels: '--labels',
    mean: '--mean',
    std: '--std',
    foldBatchNorm: '--fold-batch-norm',
    optimize: '--optimize',
  },
  recurrent: {
    width: '--width',
    words: '--words',
    combination: '--combination',
    vocabulary: '--vocabulary',
  },
};

const networksOf: { readonly [K in GenotypeKind]: string } = {
  convolutional: 'an image network',
  recurrent: 'a language model',
};

/** @throws GenonnxError `usage` for an option of the other kind of network. */
export function requireOptionsOf(kind: GenotypeKind, options: object): void {
  const given = new Map(Object.entries(options));
  const other = kind === 'recurrent' ? 'convolutional' : 'recurrent';
  for (const [name, flag] of Object.entries(optionsOf[other])) {
    if (given.get(name) === undefined) continue;
    const known = Object.values(optionsOf[kind]).join(', ');
    throw new GenonnxError('usage', `${flag} means nothing to ${networksOf[kind]}.`, {
      expected: `of those that describe ${networksOf[kind]}: ${known}`,
      found: `${flag}, for ${networksOf[other]}`,
      cure: `Leave ${flag} out, or give a genotype for ${networksOf[other]}.`,
    });
  }
}
