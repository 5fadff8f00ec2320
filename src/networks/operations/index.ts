// The primitives of convolutional cells, a row for each: how it takes a feature map (and its ReLU) to one of as many channels at
// stride 1 or 2, and what networks around it need to know. The table is typed by the primitives' names, so that none can be
// forgotten.
import type { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import type { ConvolutionalOperation } from '../../spaces/convolutional.js';
import { type Sampling, usualSampling } from '../atrous.js';
import { channelsOf, type Features } from '../features.js';
import { convolution, factorizedReduce } from '../layers.js';
import { convolutionNorm, type NormMode, plainNorm } from '../norm.js';

export interface OperationOptions extends NormMode {
  /** Name in the state dict, `cells.3._ops.2`. */
  readonly name: string;
  /** Of the network without rates: it decides which weights there are. */
  readonly stride: 1 | 2;
  /** How the map is read; by the stride where it says nothing. */
  readonly sampling?: Sampling | undefined;
  /** The code entry (f32[1]) that multiplies the output, in a supernet. */
  readonly scale?: Value | undefined;
  /** Whether pooling is followed by a batch norm (in a supernet). */
  readonly normPooling: boolean;
}

/** f32[N,C,H,W] -> f32[N,C,ceil(H/stride),ceil(W/stride)]. */
type Build = (g: Builder, x: Features, options: OperationOptions) => Value;

/** All that networks know of a primitive. */
export interface PrimitiveRow {
  readonly build: Build;
  /** Whether it begins with the ReLU of its input, and reads nothing else of it. */
  readonly readsRelu: (stride: 1 | 2) => boolean;
  /** Whether its output is its input: nothing is computed, and drop path leaves it alone. */
  readonly isIdentity: (stride: 1 | 2) => boolean;
}

const always = (): boolean => true;
const never = (): boolean => false;

/** One that begins with a ReLU, as all convolutions do. */
const ofRelu = (build: Build): PrimitiveRow => ({ build, readsRelu: always, isIdentity: never });
/** One that reads the map itself. */
const ofMap = (build: Build): PrimitiveRow => ({ build, readsRelu: never, isIdentity: never });

/** Every primitive that computes something; `none` is the absence of an edge. */
export const primitiveRows: { readonly [P in ConvolutionalOperation]: PrimitiveRow } = {
  max_pool_3x3: ofMap(pooling('maxPool2d')),
  avg_pool_3x3: ofMap(pooling('averagePool2d')),
  skip_connect: {
    build: (g, x, options) => {
      if (options.stride === 2) return factorizedReduce(g, x, options.name, channelsOf(x.raw), options);
      return options.scale === undefined ? x.raw : g.mul(x.raw, options.scale);
    },
    readsRelu: (stride) => stride === 2,
    isIdentity: (stride) => stride === 1,
  },
  sep_conv_3x3: ofRelu(separable(3)),
  sep_conv_5x5: ofRelu(separable(5)),
  sep_conv_7x7: ofRelu(separable(7)),
  dil_conv_3x3: ofRelu(dilated(3)),
  dil_conv_5x5: ofRelu(dilated(5)),
  conv_7x1_1x7: ofRelu(factorised7),
};

/** 3x3 pooling with padding 1; averages divide by the number of valid pixels. */
function pooling(op: 'maxPool2d' | 'averagePool2d'): Build {
  return (g, x, { name, stride, sampling = usualSampling(stride), normPooling, ...mode }) => {
    const { rate } = sampling;
    const pooled = g[op](x.raw, { kernel: 3, stride: sampling.stride, padding: rate, dilation: rate });
    if (!normPooling) return mode.scale === undefined ? pooled : g.mul(pooled, mode.scale);
    return plainNorm(g, pooled, { ...mode, affine: false, name: `${name}.1`, channels: channelsOf(x.raw) });
  };
}

/** (ReLU, depthwise, pointwise, BN) twice, the stride in the first. */
function separable(kernel: number): Build {
  return (g, x, { name, stride, sampling = usualSampling(stride), training, affine, scale }) => {
    const channels = channelsOf(x.raw);
    const half = (input: Value, first: number, by: number, rate: number, last?: Value): Value =>
      convolutionNorm(
        g,
        (bias) => {
          const spread = convolution(g, input, {
            name: `${name}.op.${first}`,
            outputs: channels,
            kernel,
            stride: by,
            padding: (rate * (kernel - 1)) / 2,
            dilation: rate,
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
    const middle = g.within('first', () => g.relu(half(x.relu, 1, sampling.stride, sampling.rate)));
    return g.within('second', () => half(middle, 5, 1, sampling.rateAfter, scale));
  };
}

/** ReLU, depthwise of dilation 2, pointwise, BN. */
function dilated(kernel: number): Build {
  return (g, x, { name, stride, sampling = usualSampling(stride), training, affine, scale }) => {
    const channels = channelsOf(x.raw);
    return convolutionNorm(
      g,
      (bias) => {
        const spread = convolution(g, x.relu, {
          name: `${name}.op.1`,
          outputs: channels,
          kernel,
          stride: sampling.stride,
          padding: sampling.rate * (kernel - 1),
          dilation: 2 * sampling.rate,
          groups: channels,
        });
        return convolution(g, spread, { name: `${name}.op.2`, outputs: channels, kernel: 1 }, bias);
      },
      { training, affine, scale, name: `${name}.op.3`, channels },
    );
  };
}

/** ReLU, 1x7 with the stride in its width, 7x1 with the stride in its height, BN. Each is the first along its own axis. */
function factorised7(
  g: Builder,
  x: Features,
  { name, stride, sampling = usualSampling(stride), training, affine, scale }: OperationOptions,
): Value {
  const channels = channelsOf(x.raw);
  const { stride: by, rate } = sampling;
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
          strides: [1, by],
          pads: [0, 3 * rate, 0, 3 * rate],
          dilations: [1, rate],
          groups: 1,
        }),
      );
      return g.within('tall', () => {
        const inputs = [wide, weight(2, 7, 1)];
        if (bias !== undefined) inputs.push(bias);
        return g.one('conv2d', inputs, {
          strides: [by, 1],
          pads: [3 * rate, 0, 3 * rate, 0],
          dilations: [rate, 1],
          groups: 1,
        });
      });
    },
    { training, affine, scale, name: `${name}.3`, channels },
  );
}
