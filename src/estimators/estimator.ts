// What an estimator is: a rule that turns architecture parameters into a code that a supernet can run, and the gradient
// of that code back into a gradient of the parameters. Numbers in, numbers out: an engine sees codes and gates only, and
// returns dL/dcode, so a new relaxation is one file and needs no framework.
import type { RandomStream } from '../random.js';

/** One sampled code of a whole space. All vectors have an element an entry, flat as `search-space.ts` has them. */
export interface Sample {
  /** What multiplies each operation's output; zero where the operation takes no part. */
  readonly code: Float64Array;
  /** 1 where the operation runs. */
  readonly forwardGates: Uint8Array;
  /** 1 where the operation's weights and input get gradients. */
  readonly backwardGates: Uint8Array;
  /** dL/dalphas of dL/dcode. Elements of entries that did not run forward are never read. */
  pullback(codeGradient: Float64Array): Float64Array;
  /**
   * What the method makes of alphas that an optimizer moved along the pullback from `before` to `after`. Absent where it
   * leaves them there.
   */
  afterStep?(before: Float64Array, after: Float64Array): Float64Array;
}

/** A relaxation: how alphas become codes that a supernet can run. */
export interface Estimator {
  /** Draws a code under `alphas`, f64[entries], cell type by cell type. `temperature` is the tau of Eq. 8, positive. */
  sample(alphas: Float64Array, stream: RandomStream, temperature: number): Sample;
}

/** How alphas become probabilities: softmax(alpha), or relu(alpha) divided by its sum. */
export type Parameterisation = 'softmax' | 'relu';

/** What one probability vector covers: the primitives of an edge, or all (edge, primitive) pairs into a node. */
export type Scope = 'edge' | 'node';
