// Convolution followed by batch norm, as every operation of the search space ends.
//
// While training, the running mean is subtracted already by the convolution, as its bias. Batch norm does not change
// under a shift of its input, and a runtime that takes the variance as E[x^2] - E[x]^2 then does so around a mean near
// zero, where nothing cancels. The batch's mean is measured relative to the running one and put back when it is stored.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { elementCount, fixed, fixedShape } from '../../graphs/shapes.js';

/** How a network is meant to run, and whether its batch norms scale and shift. */
export interface NormMode {
  readonly training: boolean;
  /** Scale and shift are parameters (evaluation networks); a search's batch norms have none. */
  readonly affine: boolean;
}

/** PyTorch's default epsilon. */
export const batchNormEpsilon = 1e-5;

/** Produces the batch norm's input; `bias` (f32[C]) is to be added where the operation can do that for free. */
export type Biased = (bias: Value | undefined) => Value;

export interface NormOptions extends NormMode {
  /** Name of the batch norm in the state dict. */
  readonly name: string;
  readonly channels: number;
  /** One number (f32[1]) that multiplies the output: the code entry of a candidate. Only without `affine`. */
  readonly scale?: Value | undefined;
}

/** Batch norm over what a convolution yields. f32[N,C,H,W]. */
export function convolutionNorm(g: Builder, convolve: Biased, options: NormOptions): Value {
  return norm(g, convolve, options, true);
}

/** Batch norm over a value that has no bias to put the running mean into. f32[N,C,H,W]. */
export function plainNorm(g: Builder, x: Value, options: NormOptions): Value {
  return norm(g, () => x, options, false);
}

function norm(g: Builder, convolve: Biased, options: NormOptions, shifted: boolean): Value {
  const { name, channels, training, affine, scale } = options;
  const { mean, variance, scales } = g.within('norm', () => ({
    mean: g.statistic(`${name}.running_mean`, [channels], { kind: 'constant', value: 0 }),
    variance: g.statistic(`${name}.running_var`, [channels], { kind: 'constant', value: 1 }),
    scales: affine
      ? [
          g.parameter(`${name}.weight`, [channels], { kind: 'constant', value: 1 }),
          g.parameter(`${name}.bias`, [channels], { kind: 'constant', value: 0 }),
        ]
      : scale === undefined
        ? []
        : [scale],
  }));
  const attributes = {
    epsilon: batchNormEpsilon,
    affine: affine ? 'scale-shift' : scale === undefined ? 'none' : 'scale',
  } as const;
  const x = convolve(training && shifted ? g.neg(mean) : undefined);
  return g.within('norm', () => {
    if (!training) return g.one('batchNormInference', [x, mean, variance, ...scales], attributes);
    const [y, batchMean, batchVariance] = g.apply('batchNorm', [x, ...scales], attributes);
    if (y === undefined || batchMean === undefined || batchVariance === undefined)
      throw new RangeError('batchNorm');
    const values = elementCount(fixedShape(x.shape, g.path)) / fixed(x.shape[1], g.path);
    g.updateStatistic(mean, shifted ? g.add(batchMean, mean) : batchMean);
    // PyTorch's running variance is the unbiased one.
    g.updateStatistic(variance, g.mul(batchVariance, g.scalar(values / Math.max(values - 1, 1))));
    return y;
  });
}
