// The second-order architecture gradient of DARTS as vector arithmetic. Liu, Simonyan and Yang, "DARTS: Differentiable
// Architecture Search", ICLR 2019, Sec. 2.3. The weights are unrolled by one step of their own optimizer,
//
//   w' = w - xi (mu v + k g + lambda w),        g = dL_train/dw,
//
// with momentum mu, velocity v and weight decay lambda, and the validation loss is differentiated there with respect to
// both (Eq. 7, with d' = k' dL_val/dw' at (w', alpha)):
//
//   dL_val(w', alpha)/dalpha - xi k (d^2 L_train / dalpha dw) d'.
//
// The product of the second term is a central difference along d' (Eq. 8):
//
//   (dL_train/dalpha at w + epsilon d'  -  dL_train/dalpha at w - epsilon d') / (2 epsilon),    epsilon = 0.01 / ||d'||.
//
// k and k' bring both gradients to a norm of at most c, k = min(1, c / (||g|| + 1e-6)), and are taken for constants; without c
// they are 1. The authors' code clips so for recurrent cells, and not for convolutional ones.
//
// So a step is: dL_train/dw at w; `unroll`; dL_val/dw and dL_val/dcode at w'; `hessianVectorPoints`; dL_train/dcode at both
// points; `secondOrderGradient`. All of it is linear in the gradients of the code, as is a pullback at given alphas: the last
// may be taken of the code's gradients, and then pulled back once.
import { GenonnxError } from '../errors.js';

/** How far from w the two points of the central difference lie. */
const DISTANCE = 0.01;

/** The optimizer of the weights: xi, mu, lambda, and c where gradients are clipped. */
export interface UnrolledStep {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly clipNorm?: number;
}

export interface Unrolled {
  /** w', f64[P]. */
  readonly weights: Float64Array;
  /** xi k: how fast w' moves with g. */
  readonly rate: number;
}

/**
 * One step from the weights, along their velocity (undefined for none) and dL_train/dw, each [P].
 * @throws `shape` where sizes differ.
 */
export function unroll(
  weights: ArrayLike<number>,
  velocity: ArrayLike<number> | undefined,
  gradient: ArrayLike<number>,
  { learningRate, momentum, weightDecay, clipNorm }: UnrolledStep,
): Unrolled {
  if (velocity !== undefined) requireSize(velocity, weights.length, 'velocity');
  requireSize(gradient, weights.length, 'gradient of the weights');
  const k = clipFactor(norm(gradient), clipNorm);
  return {
    weights: Float64Array.from(
      weights,
      (w, i) => w - learningRate * (momentum * (velocity?.[i] ?? 0) + k * gradient[i]! + weightDecay * w),
    ),
    rate: learningRate * k,
  };
}

function norm(values: ArrayLike<number>): number {
  let square = 0;
  for (let i = 0; i < values.length; i++) square += values[i]! ** 2;
  return Math.sqrt(square);
}

function clipFactor(length: number, clipNorm: number | undefined): number {
  return clipNorm === undefined ? 1 : Math.min(1, clipNorm / (length + 1e-6));
}

export interface HessianVectorPoints {
  /** w + epsilon d', f64[P]. */
  readonly plus: Float64Array;
  /** w - epsilon d', f64[P]. */
  readonly minus: Float64Array;
  /** 0.01 / ||d'||; 0 where d' is zero, and so is the product. */
  readonly epsilon: number;
}

/**
 * The points of the central difference about the weights w (not w'), along dL_val/dw', each [P], of norm `clipNorm` at most.
 * @throws `shape` where sizes differ.
 */
export function hessianVectorPoints(
  weights: ArrayLike<number>,
  gradient: ArrayLike<number>,
  clipNorm?: number,
): HessianVectorPoints {
  requireSize(gradient, weights.length, 'gradient of the unrolled weights');
  const length = norm(gradient);
  const k = clipFactor(length, clipNorm);
  const epsilon = length === 0 ? 0 : DISTANCE / (k * length);
  const along = (sign: number): Float64Array =>
    Float64Array.from(weights, (w, i) => w + sign * epsilon * (k * gradient[i]!));
  return { plus: along(1), minus: along(-1), epsilon };
}

/**
 * The second-order gradient of dL_val/dalpha at w' (`validation`) and dL_train/dalpha at the two points: all three of
 * alphas, or all three of the code. `rate` is that of the unrolled step. @throws `shape` where sizes differ.
 */
export function secondOrderGradient(
  validation: ArrayLike<number>,
  plus: ArrayLike<number>,
  minus: ArrayLike<number>,
  rate: number,
  epsilon: number,
): Float64Array {
  requireSize(plus, validation.length, 'gradient at w + epsilon d');
  requireSize(minus, validation.length, 'gradient at w - epsilon d');
  const scale = epsilon === 0 ? 0 : rate / (2 * epsilon);
  return Float64Array.from(validation, (g, i) => g - scale * (plus[i]! - minus[i]!));
}

function requireSize(values: ArrayLike<number>, expected: number, what: string): void {
  if (values.length === expected) return;
  throw new GenonnxError('shape', `The ${what} does not fit the other vectors.`, {
    expected: `${expected} values`,
    found: `${values.length}`,
    cure: 'Take all of them from programs of the same network.',
  });
}
