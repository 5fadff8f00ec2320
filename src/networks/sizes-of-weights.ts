// What a state dict of the released definitions says of its network, by its names and shapes: which stem it has, how many
// cells, channels and classes, whether there is an auxiliary head. Only the extent of the images is nowhere in it.
import { GenonnxError } from '../errors.js';
import { NETWORK_NAMES, type NetworkName, type NetworkSizes, paperSizes } from './evaluation.js';
import { cellOfParameter } from './paths.js';

/** Shapes of weights, by their names in a PyTorch state dict. */
export type NamedShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** A size, and the weight that says so. */
export interface Said<T> {
  readonly value: T;
  readonly by: string;
}

/** Undefined is what the weights do not say. */
export interface SizesOfWeights {
  readonly name: Said<NetworkName> | undefined;
  readonly cells: Said<number> | undefined;
  readonly initChannels: Said<number> | undefined;
  readonly classes: Said<number> | undefined;
  readonly imageChannels: Said<number> | undefined;
  readonly auxiliary: Said<boolean> | undefined;
}

/** The first convolution of each network, and how many outputs it has for each initial channel. */
const stems: {
  readonly [N in NetworkName]: { readonly weight: string; readonly outputsPerChannel: number };
} = {
  cifar: { weight: 'stem.0.weight', outputsPerChannel: 3 },
  imagenet: { weight: 'stem0.0.weight', outputsPerChannel: 0.5 },
};
const auxiliaryHead = 'auxiliary_head.classifier.weight';

/** @param weights by names without `module.` in front. */
export function sizesOfWeights(weights: NamedShapes): SizesOfWeights {
  const name = NETWORK_NAMES.find((network) => weights.has(stems[network].weight));
  if (name === undefined) return silent;
  const { weight, outputsPerChannel } = stems[name];
  const lastCell = [...weights.keys()].reduce<Said<number> | undefined>((last, key) => {
    const cells = (cellOfParameter(key) ?? -1) + 1;
    return cells <= (last?.value ?? 0) ? last : { value: cells, by: key };
  }, undefined);
  return {
    name: { value: name, by: weight },
    cells: lastCell,
    initChannels: saidExtent(weights, weight, 0, outputsPerChannel),
    classes: saidExtent(weights, 'classifier.weight', 0),
    imageChannels: saidExtent(weights, weight, 1),
    auxiliary: weights.has(auxiliaryHead)
      ? { value: true, by: auxiliaryHead }
      : { value: false, by: 'no auxiliary_head' },
  };
}

/** An extent of a weight over the divisor, where that is a whole number. */
export function saidExtent(
  weights: NamedShapes,
  name: string,
  axis: number,
  divisor = 1,
): Said<number> | undefined {
  const shape = weights.get(name)?.shape ?? [];
  const value = (shape[axis] ?? 0) / divisor;
  return Number.isInteger(value) && value > 0 ? { value, by: `${name} [${shape}]` } : undefined;
}

const silent: SizesOfWeights = {
  name: undefined,
  cells: undefined,
  initChannels: undefined,
  classes: undefined,
  imageChannels: undefined,
  auxiliary: undefined,
};

/** The sizes of a network, as far as they are asked for. */
export interface AskedSizes {
  readonly name?: NetworkName | undefined;
  readonly cells?: number | undefined;
  readonly initChannels?: number | undefined;
  readonly classes?: number | undefined;
  readonly image?: NetworkSizes['image'] | undefined;
  readonly auxiliary?: boolean | undefined;
}

export interface SettledSizes extends NetworkSizes {
  readonly name: NetworkName;
  readonly auxiliary: boolean;
}

/**
 * What is asked for; else what the weights say; else what the papers have, without an auxiliary head. An auxiliary head
 * that the weights have may be asked away.
 * @throws GenonnxError `weights-mismatch` where something is asked for that the weights deny.
 */
export function settleSizes(asked: AskedSizes, said: SizesOfWeights = silent): SettledSizes {
  requireAgreement('network', asked.name, said.name);
  requireAgreement('cells', asked.cells, said.cells);
  requireAgreement('initChannels', asked.initChannels, said.initChannels);
  requireAgreement('classes', asked.classes, said.classes);
  requireAgreement('image', asked.image?.channels, said.imageChannels, ' channels');
  if (asked.auxiliary === true) requireAgreement('auxiliary', true, said.auxiliary);
  const name = asked.name ?? said.name?.value ?? 'cifar';
  const usual = paperSizes[name];
  return {
    name,
    cells: asked.cells ?? said.cells?.value ?? usual.cells,
    initChannels: asked.initChannels ?? said.initChannels?.value ?? usual.initChannels,
    classes: asked.classes ?? said.classes?.value ?? usual.classes,
    image: asked.image ?? { ...usual.image, channels: said.imageChannels?.value ?? usual.image.channels },
    auxiliary: asked.auxiliary ?? said.auxiliary?.value ?? false,
  };
}

/** @throws GenonnxError `weights-mismatch` where something is asked for that the weights deny. */
export function requireAgreement<T>(
  option: string,
  asked: T | undefined,
  said: Said<T> | undefined,
  unit = '',
  cure = `Leave \`${option}\` out, which follows from the weights, or check that these are the right ones.`,
): void {
  if (asked === undefined || said === undefined || asked === said.value) return;
  throw new GenonnxError(
    'weights-mismatch',
    'The weights are of another network than the one that is asked for.',
    {
      where: `\`${option}\``,
      expected: `${said.value}${unit}, as the weights say (${said.by})`,
      found: `${asked}${unit}`,
      cure,
    },
  );
}
