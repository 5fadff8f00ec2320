// Which kind of network is asked for, and the options that only one of the kinds has.
import { GenonnxError } from '../errors.js';
import type { DeployedName, ImageNetworkName } from '../networks/deployed.js';
import { type GenotypeKind, wrongKindError } from '../spaces/kinds.js';

/** The image network that a convolutional genotype is for. @throws GenonnxError `genotype-kind` where it is another. */
export function imageNetworkOf(network: DeployedName | undefined): ImageNetworkName | undefined {
  if (network !== 'recurrent') return network;
  throw wrongKindError('convolutional', 'recurrent', '`genotype`');
}

/** @throws GenonnxError `genotype-kind` where a recurrent genotype is given to an image network. */
export function requireLanguageNetwork(network: DeployedName | undefined): void {
  if (network === undefined || network === 'recurrent') return;
  throw wrongKindError('recurrent', 'convolutional', '`genotype`');
}

/** Kinds of genotypes whose networks are compiled and exported. */
type CompiledKind = Exclude<GenotypeKind, 'one-cell'>;

/** Of `compile` and `export`. */
const optionsOf: { readonly [K in CompiledKind]: readonly string[] } = {
  convolutional: [
    'cells',
    'initChannels',
    'classes',
    'image',
    'auxiliary',
    'outputStride',
    'asppWidth',
    'rates',
    'alignment',
    'backbone',
    'labels',
    'mean',
    'standardDeviation',
    'foldBatchNorm',
    'optimization',
  ],
  recurrent: ['width', 'words', 'combination', 'vocabulary'],
};

const networksOf: { readonly [K in CompiledKind]: string } = {
  convolutional: 'an image network',
  recurrent: 'a language model',
};

/** @throws GenonnxError `usage` for an option of the other kind of network. */
export function requireOptionsOf(kind: CompiledKind, options: object): void {
  const given = new Map(Object.entries(options));
  const other = kind === 'recurrent' ? 'convolutional' : 'recurrent';
  const asked = optionsOf[other].find((name) => given.get(name) !== undefined);
  if (asked === undefined) return;
  const known = optionsOf[kind].map((name) => `\`${name}\``).join(', ');
  throw new GenonnxError('usage', `\`${asked}\` means nothing to ${networksOf[kind]}.`, {
    expected: `of those that describe ${networksOf[kind]}: ${known}`,
    found: `\`${asked}\`, for ${networksOf[other]}`,
    cure: `Leave \`${asked}\` out, or give a genotype for ${networksOf[other]}.`,
  });
}
