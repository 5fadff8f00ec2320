// Layers that several networks share: convolutions with parameters in PyTorch's names and initialisation, ReLU-Conv-BN,
// and FactorizedReduce.
import type { Builder, Convolution } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { fixed } from '../../graphs/shapes.js';
import type { Initial } from '../../graphs/slots.js';
import { GenonnxError } from '../errors.js';
import { reductionAttributes, type Sampling } from './atrous.js';
import { channelsOf, type Features } from './features.js';
import { convolutionNorm, type NormMode, plainNorm } from './norm.js';

/** PyTorch's default for convolutions and linear layers: uniform within 1 / sqrt(fan in). */
export function kaimingUniform(fanIn: number): Initial {
  return { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) };
}

export interface ConvolutionLayer extends Omit<Convolution, 'bias'> {
  readonly name: string;
  readonly outputs: number;
  readonly kernel: number | readonly [number, number];
}

/** The weight of a convolution, f32[O, C/groups, kh, kw]. */
export function convolutionWeight(g: Builder, inputs: number, layer: ConvolutionLayer): Value {
  const [height, width] = typeof layer.kernel === 'number' ? [layer.kernel, layer.kernel] : layer.kernel;
  const perGroup = inputs / (layer.groups ?? 1);
  return g.parameter(
    `${layer.name}.weight`,
    [layer.outputs, perGroup, height, width],
    kaimingUniform(perGroup * height * width),
  );
}

/** A convolution with its own weight and an optional bias value. */
export function convolution(g: Builder, x: Value, layer: ConvolutionLayer, bias?: Value): Value {
  const kind = layer.groups !== undefined ? 'depthwise' : layer.kernel === 1 ? 'pointwise' : 'conv';
  return g.within(kind, () => {
    const weight = convolutionWeight(g, channelsOf(x), layer);
    return g.conv2d(x, weight, bias === undefined ? layer : { ...layer, bias });
  });
}

/** ReLU (already taken), 1x1 convolution, batch norm. Names `op.1` and `op.2` below `name`. */
export function reluConvNorm(g: Builder, x: Features, name: string, outputs: number, mode: NormMode): Value {
  return convolutionNorm(
    g,
    (bias) => convolution(g, x.relu, { name: `${name}.op.1`, outputs, kernel: 1 }, bias),
    { ...mode, name: `${name}.op.2`, channels: outputs },
  );
}

export interface Reduction extends NormMode {
  readonly scale?: Value | undefined;
  /** Which pixels are read: every second one where it says nothing. */
  readonly sampling?: Sampling | undefined;
}

/**
 * ReLU, two shifted 1x1 convolutions of stride 2 (of another stride and shift, as the sampling says), batch norm. Names `conv_1`,
 * `conv_2`, `bn` below `name`.
 * @throws GenonnxError `channels` when `outputs` is odd.
 */
export function factorizedReduce(
  g: Builder,
  x: Features,
  name: string,
  outputs: number,
  { sampling, ...mode }: Reduction,
): Value {
  const { relu } = x;
  if (outputs % 2 !== 0) {
    throw new GenonnxError('channels', 'A reduction needs an even number of channels.', {
      where: name,
      expected: 'an even number',
      found: String(outputs),
      cure: 'Choose an even `initChannels`.',
    });
  }
  const inputs = channelsOf(relu);
  const reduced = g.within('reduce', () => {
    const weights = ['conv_1', 'conv_2'].map((part) =>
      g.within(part, () =>
        convolutionWeight(g, inputs, { name: `${name}.${part}`, outputs: outputs / 2, kernel: 1 }),
      ),
    );
    return g.one('factorizedReduce', [relu, ...weights], reductionAttributes(sampling));
  });
  return plainNorm(g, reduced, { ...mode, name: `${name}.bn`, channels: outputs });
}

/** @throws GenonnxError `image-size` when a feature map cannot be halved evenly. */
export function requireEven(x: Value, where: string): void {
  const [height, width] = [fixed(x.shape[2], where), fixed(x.shape[3], where)];
  if (height % 2 === 0 && width % 2 === 0) return;
  throw new GenonnxError('image-size', 'The network cannot halve this image evenly.', {
    where,
    expected: 'an even height and width at each reduction',
    found: `${height}x${width}`,
    cure: 'Pad or resize the images to a multiple of 4 (CIFAR network) or 32 (ImageNet network).',
  });
}

/** x W^T + b. Names `weight` and `bias` below `name`. */
export function linear(g: Builder, x: Value, name: string, outputs: number): Value {
  const inputs = fixed(x.shape[1], name);
  return g.within('linear', () => {
    const weight = g.parameter(`${name}.weight`, [outputs, inputs], kaimingUniform(inputs));
    const bias = g.parameter(`${name}.bias`, [outputs], kaimingUniform(inputs));
    return g.add(g.matMul(x, weight, false, true), bias);
  });
}
