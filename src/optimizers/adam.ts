// Adam on the host, for architecture parameters: they are a few hundred numbers, and live beside the estimator. Written as
// PyTorch's `torch.optim.Adam`: weight decay is L2, added to the gradient.
//
//   g = dL/dx + lambda x
//   m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
//   x = x - lr / (1 - beta1^t)  m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
//
// Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, Alg. 1.
import { GenonnxError } from '../errors.js';

export interface AdamOptions {
  readonly learningRate: number;
  /** Decay of the first and second moment. */
  readonly betas: readonly [number, number];
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** lambda; default 0. */
  readonly weightDecay?: number;
}

/** Everything that Adam remembers; plain data, so that a checkpoint can hold it. */
export interface AdamState {
  /** Steps taken. */
  readonly step: number;
  /** m and v, f64[size]. */
  readonly firstMoment: Float64Array;
  readonly secondMoment: Float64Array;
}

/** The state before the first step, for `size` parameters. */
export function initialAdamState(size: number): AdamState {
  return { step: 0, firstMoment: new Float64Array(size), secondMoment: new Float64Array(size) };
}

/** One step. Returns new arrays and leaves its arguments as they were. @throws `shape` where sizes differ. */
export function adamStep(
  options: AdamOptions,
  parameters: Float64Array,
  gradient: Float64Array,
  state: AdamState,
): { readonly parameters: Float64Array; readonly state: AdamState } {
  requireSameSize(parameters, gradient, 'gradient');
  requireSameSize(parameters, state.firstMoment, 'first moment');
  requireSameSize(parameters, state.secondMoment, 'second moment');
  const {
    learningRate,
    betas: [beta1, beta2],
    epsilon = 1e-8,
    weightDecay = 0,
  } = options;
  const step = state.step + 1;
  const rate = learningRate / (1 - beta1 ** step);
  const correction = Math.sqrt(1 - beta2 ** step);
  const decayed = gradient.map((g, i) => g + weightDecay * parameters[i]!);
  const firstMoment = state.firstMoment.map((m, i) => beta1 * m + (1 - beta1) * decayed[i]!);
  const secondMoment = state.secondMoment.map((v, i) => beta2 * v + (1 - beta2) * decayed[i]! ** 2);
  return {
    parameters: parameters.map(
      (x, i) => x - (rate * firstMoment[i]!) / (Math.sqrt(secondMoment[i]!) / correction + epsilon),
    ),
    state: { step, firstMoment, secondMoment },
  };
}

function requireSameSize(parameters: Float64Array, other: Float64Array, what: string): void {
  if (other.length === parameters.length) return;
  throw new GenonnxError('shape', `Adam's ${what} does not fit the parameters.`, {
    expected: `${parameters.length} values`,
    found: `${other.length}`,
    cure: 'Use the state that was made for these parameters.',
  });
}
