// The primitives of the search space. Each takes a feature map (and its ReLU) to one of `channels` channels at stride 1
// or 2. The table is typed by the primitives' names, so that none can be forgotten.
import type { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import type { ConvolutionalPrimitive } from '../../spaces/convolutional.js';
import { channelsOf, type Features } from '../features.js';
import { convolution, factorizedReduce, requireEven } from '../layers.js';
import { convolutionNorm, type NormMode, plainNorm } from '../norm.js';

export interface OperationOptions extends NormMode {
  /** Name in the state dict, `cells.3._ops.2`. */
  readonly name: string;
  readonly stride: 1 | 2;
  /** The code entry (f32[1]) that multiplies the output, in a supernet. */
  readonly scale?: Value | undefined;
  /** Whether pooling is followed by a batch norm (in a supernet). */
  readonly normPooling: boolean;
}

/** f32[N,C,H,W] -> f32[N,C,H/stride,W/stride]. */
export type NetworkOperation = (g: Builder, x: Features, options: OperationOptions) => Value;

/** Every primitive that computes something; `none` is the absence of an edge. */
export const networkOperations: {
  readonly [P in Exclude<ConvolutionalPrimitive, 'none'>]: NetworkOperation;
} = {
  max_pool_3x3: pooling('maxPool2d'),
  avg_pool_3x3: pooling('averagePool2d'),
  skip_connect: (g, x, options) => {
    if (options.stride === 2) return factorizedReduce(g, x, options.name, channelsOf(x.raw), options);
    return options.scale === undefined ? x.raw : g.mul(x.raw, options.scale);
  },
  sep_conv_3x3: separable(3),
  sep_conv_5x5: separable(5),
  sep_conv_7x7: separable(7),
  dil_conv_3x3: dilated(3),
  dil_conv_5x5: dilated(5),
  conv_7x1_1x7: factorised7,
};

/** 3x3 pooling with padding 1; averages divide by the number of valid pixels. */
function pooling(op: 'maxPool2d' | 'averagePool2d'): NetworkOperation {
  return (g, x, { name, stride, normPooling, ...mode }) => {
    if (stride === 2) requireEven(x.raw, name);
    const pooled = g[op](x.raw, { kernel: 3, stride, padding: 1 });
    if (!normPooling) return mode.scale === undefined ? pooled : g.mul(pooled, mode.scale);
    return plainNorm(g, pooled, { ...mode, affine: false, name: `${name}.1`, channels: channelsOf(x.raw) });
  };
}

/** (ReLU, depthwise, pointwise, BN) twice, the stride in the first. */
function separable(kernel: number): NetworkOperation {
  return (g, x, { name, stride, training, affine, scale }) => {
    if (stride === 2) requireEven(x.raw, name);
    const channels = channelsOf(x.raw);
    const half = (input: Value, first: number, by: number, last?: Value): Value =>
      convolutionNorm(
        g,
        (bias) => {
          const spread = convolution(g, input, {
            name: `${name}.op.${first}`,
            outputs: channels,
            kernel,
            stride: by,
            padding: (kernel - 1) / 2,
            groups: channels,
          });
          return convolution(
            g,
            spread,
            { name: `${name}.op.${first + 1}`, outputs: channels, kernel: 1 },
            bias,
          );
        },
        { training, affine, scale: last, name: `${name}.op.${first + 2}`, channels },
      );
    const middle = g.within('first', () => g.relu(half(x.relu, 1, stride)));
    return g.within('second', () => half(middle, 5, 1, scale));
  };
}

/** ReLU, depthwise of dilation 2, pointwise, BN. */
function dilated(kernel: number): NetworkOperation {
  return (g, x, { name, stride, training, affine, scale }) => {
    if (stride === 2) requireEven(x.raw, name);
    const channels = channelsOf(x.raw);
    return convolutionNorm(
      g,
      (bias) => {
        const spread = convolution(g, x.relu, {
          name: `${name}.op.1`,
          outputs: channels,
          kernel,
          stride,
          padding: kernel - 1,
          dilation: 2,
          groups: channels,
        });
        return convolution(g, spread, { name: `${name}.op.2`, outputs: channels, kernel: 1 }, bias);
      },
      { training, affine, scale, name: `${name}.op.3`, channels },
    );
  };
}

/** ReLU, 1x7 with the stride in its width, 7x1 with the stride in its height, BN. */
function factorised7(
  g: Builder,
  x: Features,
  { name, stride, training, affine, scale }: OperationOptions,
): Value {
  if (stride === 2) requireEven(x.raw, name);
  const channels = channelsOf(x.raw);
  const weight = (index: number, height: number, width: number): Value =>
    g.parameter(`${name}.${index}.weight`, [channels, channels, height, width], {
      kind: 'uniform',
      bound: 1 / Math.sqrt(channels * height * width),
    });
  return convolutionNorm(
    g,
    (bias) => {
      const wide = g.within('wide', () =>
        g.one('conv2d', [x.relu, weight(1, 1, 7)], {
          strides: [1, stride],
          pads: [0, 3, 0, 3],
          dilations: [1, 1],
          groups: 1,
        }),
      );
      return g.within('tall', () => {
        const inputs = [wide, weight(2, 7, 1)];
        if (bias !== undefined) inputs.push(bias);
        return g.one('conv2d', inputs, {
          strides: [stride, 1],
          pads: [3, 0, 3, 0],
          dilations: [1, 1],
          groups: 1,
        });
      });
    },
    { training, affine, scale, name: `${name}.3`, channels },
  );
}
