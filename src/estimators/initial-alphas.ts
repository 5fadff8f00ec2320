// Where a search starts: every candidate nearly as probable as every other, with noise that breaks ties.

import type { RandomStream } from '../random.js';
import { type CellSpace, entryCount } from '../spaces/search-space.js';
import type { Alphas, Parameterisation } from './estimator.js';

const NOISE = 1e-3;

/** 1e-3 randn for softmax; 1 + 1e-3 randn for relu, whose parameters must be positive to be chosen. Normal cell first. */
export function initialAlphas(
  space: CellSpace,
  parameterisation: Parameterisation,
  stream: RandomStream,
): Alphas {
  const centre = parameterisation === 'softmax' ? 0 : 1;
  const draw = (): Float64Array =>
    Float64Array.from({ length: entryCount(space) }, () => centre + NOISE * stream.normal());
  return { normal: draw(), reduce: draw() };
}
