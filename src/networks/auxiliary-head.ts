// The auxiliary head at the second reduction: ReLU, average pool of 5, 1x1 convolution to 128, batch norm, ReLU, 2x2
// convolution to 768, batch norm, ReLU, linear. The 2x2 convolution must leave one pixel.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { fixed } from '../../graphs/shapes.js';
import { GenonnxError } from '../errors.js';
import { convolution, linear } from './layers.js';
import { convolutionNorm, type NormMode } from './norm.js';

/** What differs between networks. */
export interface HeadShape {
  /** Of the average pool. */
  readonly stride: number;
  /** Whether the second convolution is followed by a batch norm. */
  readonly lastNorm: boolean;
  /** Which images fit, in words. */
  readonly images: string;
}

/** Extents whose pool has 2 pixels: 5 + stride is the least. */
function fits(extent: number, stride: number): boolean {
  return extent >= 5 + stride && extent < 5 + 2 * stride;
}

/** f32[N,C,H,W] -> f32[N,classes]. @throws GenonnxError `image-size`. */
export function auxiliaryHead(
  g: Builder,
  x: Value,
  { stride, lastNorm, images }: HeadShape,
  classes: number,
  mode: NormMode,
): Value {
  const [height, width] = [fixed(x.shape[2], 'auxiliary_head'), fixed(x.shape[3], 'auxiliary_head')];
  if (!fits(height, stride) || !fits(width, stride)) {
    throw new GenonnxError('image-size', 'The auxiliary head does not fit this image size.', {
      where: 'auxiliary_head',
      expected: `feature maps of ${5 + stride} to ${4 + 2 * stride} pixels at the second reduction (${images})`,
      found: `${height}x${width}`,
      cure: 'Choose such images (`padTo` surrounds them with zeros), or pass `auxiliary` false.',
    });
  }
  const convolve = (input: Value, index: number, outputs: number, kernel: number, bias?: Value): Value =>
    convolution(g, input, { name: `auxiliary_head.features.${index}`, outputs, kernel }, bias);
  const normed = (input: Value, index: number, outputs: number, kernel: number): Value =>
    convolutionNorm(g, (bias) => convolve(input, index, outputs, kernel, bias), {
      ...mode,
      name: `auxiliary_head.features.${index + 1}`,
      channels: outputs,
    });
  return g.within('auxiliary_head', () => {
    const pooled = g.averagePool2d(g.relu(x), { kernel: 5, stride, padding: 0 });
    const narrow = g.within('narrow', () => g.relu(normed(pooled, 2, 128, 1)));
    const wide = g.within('wide', () => g.relu((lastNorm ? normed : convolve)(narrow, 5, 768, 2)));
    return linear(g, g.reshape(wide, [wide.shape[0] ?? 1, 768]), 'auxiliary_head.classifier', classes);
  });
}
