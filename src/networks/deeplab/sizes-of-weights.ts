// What a state dict says of its segmentation network: the sizes of the network behind `backbone.`, how wide the head is, and how
// many classes there are. Output stride, rates and alignment are nowhere in it: weights are the same whatever they are.
import { GenonnxError } from '../../errors.js';
import {
  type NamedShapes,
  requireAgreement,
  type Said,
  type SizesOfWeights,
  saidExtent,
  sizesOfWeights,
} from '../sizes-of-weights.js';
import { type DeeplabSizes, paperDeeplab, usualRates } from './network.js';

const backbonePrefix = 'backbone.';

/** Weights of the head that say how wide it is and how many classes there are. */
const headName = { width: 'aspp.project.0.weight', classes: 'classifier.weight' } as const;

/** Undefined is what the weights do not say. */
export interface SizesOfSegmentationWeights {
  readonly backbone: SizesOfWeights;
  readonly asppWidth: Said<number> | undefined;
  readonly classes: Said<number> | undefined;
}

/** Whether these are weights of a segmentation network. @param weights by names without `module.` in front. */
export function areOfSegmentation(weights: NamedShapes): boolean {
  return [...weights.keys()].some((name) => name.startsWith(backbonePrefix) || name.startsWith('aspp.'));
}

/**
 * @param weights by names without `module.` in front.
 * @throws GenonnxError `weights-mismatch` for weights of a classifier, and for a head that has another structure.
 */
export function sizesOfSegmentationWeights(weights: NamedShapes): SizesOfSegmentationWeights {
  const refuse = (found: string, cure: string): GenonnxError =>
    new GenonnxError('weights-mismatch', 'These are not weights of this segmentation network.', {
      where: '`weights`',
      expected: `names that begin with ${backbonePrefix}, ${headName.width} and ${headName.classes}`,
      found,
      cure,
    });
  if (!areOfSegmentation(weights))
    throw refuse('those of a classifier', 'Give them as `backbone`: its classifier is left out.');
  if (!weights.has(headName.width) || !weights.has(headName.classes)) {
    const lacking = Object.values(headName).filter((name) => !weights.has(name));
    throw refuse(`no ${lacking.join(' and no ')}`, 'Give weights of a network with the head of DeepLab v3.');
  }
  const inner = [...weights].filter(([name]) => name.startsWith(backbonePrefix));
  const backbone = new Map(inner.map(([name, shape]) => [name.slice(backbonePrefix.length), shape]));
  return {
    backbone: sizesOfWeights(backbone),
    asppWidth: saidExtent(weights, headName.width, 0),
    classes: saidExtent(weights, headName.classes, 0),
  };
}

/** The sizes of a segmentation network, as far as they are asked for. */
export type AskedDeeplabSizes = { readonly [K in keyof DeeplabSizes]?: DeeplabSizes[K] | undefined };

/**
 * What is asked for; else what the weights say; else what DeepLab v3 has on VOC 2012.
 * @throws GenonnxError `weights-mismatch` where something is asked for that the weights deny.
 */
export function settleDeeplabSizes(
  asked: AskedDeeplabSizes,
  { backbone, asppWidth, classes }: Partial<SizesOfSegmentationWeights> = {},
): DeeplabSizes {
  requireAgreement('cells', asked.cells, backbone?.cells);
  requireAgreement('initChannels', asked.initChannels, backbone?.initChannels);
  requireAgreement('image', asked.image?.channels, backbone?.imageChannels, ' channels');
  requireAgreement('classes', asked.classes, classes);
  requireAgreement('asppWidth', asked.asppWidth, asppWidth);
  const usual = paperDeeplab;
  const outputStride = asked.outputStride ?? usual.outputStride;
  const channels = backbone?.imageChannels?.value ?? usual.image.channels;
  return {
    cells: asked.cells ?? backbone?.cells?.value ?? usual.cells,
    initChannels: asked.initChannels ?? backbone?.initChannels?.value ?? usual.initChannels,
    classes: asked.classes ?? classes?.value ?? usual.classes,
    image: asked.image ?? { ...usual.image, channels },
    outputStride,
    asppWidth: asked.asppWidth ?? asppWidth?.value ?? usual.asppWidth,
    rates: asked.rates ?? usualRates(outputStride),
    alignment: asked.alignment ?? usual.alignment,
  };
}
