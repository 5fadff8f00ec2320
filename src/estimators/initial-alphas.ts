// Where a search starts: every candidate nearly as probable as every other, with noise that breaks ties.

import type { RandomStream } from '../random.js';
import { entryCount, type SearchSpace } from '../spaces/search-space.js';
import type { Parameterisation } from './estimator.js';

const NOISE = 1e-3;

/** 1e-3 randn for softmax; 1 + 1e-3 randn for relu, whose parameters must be positive to be chosen. f64[entries]. */
export function initialAlphas(
  space: SearchSpace,
  parameterisation: Parameterisation,
  stream: RandomStream,
): Float64Array {
  const centre = parameterisation === 'softmax' ? 0 : 1;
  return Float64Array.from({ length: entryCount(space) }, () => centre + NOISE * stream.normal());
}
