// DeepLab v3's head: the features at several distances (atrous spatial pyramid pooling), and of the whole image, side by side; a
// 1x1 convolution over all of them, dropout, and one to the classes. Names are torchvision's below `aspp.`, and `classifier`.
// DeepLab v3 has no 3x3 convolution behind the projection, which torchvision adds, and no decoder, which v3+ adds.
import type { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import { channelsOf } from '../features.js';
import { convolution, convolutionWeight, kaimingUniform } from '../layers.js';
import { convolutionNorm, type NormMode } from '../norm.js';

export interface HeadSizes {
  readonly classes: number;
  /** Channels of each branch. */
  readonly asppWidth: number;
  /** Distances of the 3x3 convolutions. */
  readonly rates: readonly [number, number, number];
}

/**
 * f32[N,C,h,w] -> f32[N,classes,h,w].
 * @param dropoutMask f32[N,asppWidth,h,w].
 */
export function deeplabHead(
  g: Builder,
  features: Value,
  { classes, asppWidth, rates }: HeadSizes,
  mode: NormMode,
  dropoutMask: Value | undefined,
): Value {
  /** Convolution, batch norm, ReLU. */
  const branch = (x: Value, name: string, first: number, kernel: number, dilation = 1): Value => {
    const padding = (dilation * (kernel - 1)) / 2;
    const layer = { name: `${name}.${first}`, outputs: asppWidth, kernel, padding, dilation };
    const options = { ...mode, name: `${name}.${first + 1}`, channels: asppWidth };
    return g.relu(convolutionNorm(g, (bias) => convolution(g, x, layer, bias), options));
  };
  const projected = g.within('aspp', () => {
    const branches = [
      g.within('convs.0', () => branch(features, 'aspp.convs.0', 0, 1)),
      ...rates.map((rate, i) =>
        g.within(`convs.${i + 1}`, () => branch(features, `aspp.convs.${i + 1}`, 0, 3, rate)),
      ),
      g.within('convs.4', () => ofImage(g, features, (x) => branch(x, 'aspp.convs.4', 1, 1))),
    ];
    return g.within('project', () => branch(g.concat(branches, 1), 'aspp.project', 0, 1));
  });
  const kept =
    dropoutMask === undefined ? projected : g.within('dropout', () => g.mul(projected, dropoutMask));
  return g.within('classifier', () => {
    const weight = convolutionWeight(g, asppWidth, { name: 'classifier', outputs: classes, kernel: 1 });
    const bias = g.parameter('classifier.bias', [classes], kaimingUniform(channelsOf(kept)));
    return g.conv2d(kept, weight, { bias });
  });
}

/** The mean over all pixels, through a branch, copied to each of them. */
function ofImage(g: Builder, features: Value, branch: (x: Value) => Value): Value {
  const [images = 1, channels = 1, height = 1, width = 1] = features.shape;
  const mean = g.reshape(g.globalAveragePool(features), [images, channels, 1, 1]);
  const made = branch(mean);
  return g.expand(made, [images, channelsOf(made), height, width]);
}
