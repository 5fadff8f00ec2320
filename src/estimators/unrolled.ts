// The second-order architecture gradient of DARTS as vector arithmetic. Liu, Simonyan and Yang, "DARTS: Differentiable
// Architecture Search", ICLR 2019, Sec. 2.3. The weights are unrolled by one step of their own optimizer,
//
//   w' = w - xi (mu v + dL_train/dw + lambda w),
//
// with momentum mu, velocity v and weight decay lambda, and the validation loss is differentiated there with respect to
// both (Eq. 7, with d' = dL_val/dw' at (w', alpha)):
//
//   dL_val(w', alpha)/dalpha - xi (d^2 L_train / dalpha dw) d'.
//
// The product of the second term is a central difference along d' (Eq. 8):
//
//   (dL_train/dalpha at w + epsilon d'  -  dL_train/dalpha at w - epsilon d') / (2 epsilon),    epsilon = 0.01 / ||d'||.
//
// So a step is: dL_train/dw at w; `unrolledWeights`; dL_val/dw and dL_val/dcode at w'; `hessianVectorPoints`; dL_train/dcode
// at both points; `secondOrderGradient`. All of it is linear in the gradients of the code, as is a pullback at given
// alphas: the last may be taken of the code's gradients, and then pulled back once. As in the authors' code, gradients
// are not clipped on the way.
import { GenonnxError } from '../errors.js';

/** How far from w the two points of the central difference lie. */
const DISTANCE = 0.01;

/** The optimizer of the weights: xi, mu and lambda. */
export interface UnrolledStep {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

/** w', f64[P], of the weights, their velocity and dL_train/dw, each [P]. @throws `shape` where sizes differ. */
export function unrolledWeights(
  weights: ArrayLike<number>,
  velocity: ArrayLike<number>,
  gradient: ArrayLike<number>,
  { learningRate, momentum, weightDecay }: UnrolledStep,
): Float64Array {
  requireSize(velocity, weights.length, 'velocity');
  requireSize(gradient, weights.length, 'gradient of the weights');
  return Float64Array.from(
    weights,
    (w, i) => w - learningRate * (momentum * velocity[i]! + gradient[i]! + weightDecay * w),
  );
}

export interface HessianVectorPoints {
  /** w + epsilon d', f64[P]. */
  readonly plus: Float64Array;
  /** w - epsilon d', f64[P]. */
  readonly minus: Float64Array;
  /** 0.01 / ||d'||; 0 where d' is zero, and so is the product. */
  readonly epsilon: number;
}

/** The points of the central difference about the weights w (not w'), along d' = dL_val/dw', each [P]. @throws `shape`. */
export function hessianVectorPoints(
  weights: ArrayLike<number>,
  direction: ArrayLike<number>,
): HessianVectorPoints {
  requireSize(direction, weights.length, 'gradient of the unrolled weights');
  let square = 0;
  for (let i = 0; i < direction.length; i++) square += direction[i]! ** 2;
  const epsilon = square === 0 ? 0 : DISTANCE / Math.sqrt(square);
  const along = (sign: number): Float64Array =>
    Float64Array.from(weights, (w, i) => w + sign * epsilon * direction[i]!);
  return { plus: along(1), minus: along(-1), epsilon };
}

/**
 * The second-order gradient of dL_val/dalpha at w' (`validation`) and dL_train/dalpha at the two points: all three of
 * alphas, or all three of the code. `learningRate` is the xi of the unrolled step. @throws `shape` where sizes differ.
 */
export function secondOrderGradient(
  validation: ArrayLike<number>,
  plus: ArrayLike<number>,
  minus: ArrayLike<number>,
  learningRate: number,
  epsilon: number,
): Float64Array {
  requireSize(plus, validation.length, 'gradient at w + epsilon d');
  requireSize(minus, validation.length, 'gradient at w - epsilon d');
  const scale = epsilon === 0 ? 0 : learningRate / (2 * epsilon);
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
