// GDAS: one hard Gumbel-Softmax sample an edge, of which only the sampled operation runs. Dong and Yang, "Searching for a
// Robust Neural Architecture in Four GPU Hours", CVPR 2019.
//
//   y = softmax((log p + G) / tau)      z = onehot(argmax y)      code = z, backward as if it were y
//
// Only the sampled operation L runs, forward as well, so that dL/dcode is known for it alone. It reaches every alpha of the
// edge through the soft sample:
//
//   dL/dlog p_k = (1 / tau) y_k (delta_kL - y_L) g_L,    g_L = dL/dcode_L
//
// That is the ensemble of one sample at edge scope on the route of the active operations, and nothing else is written here.
import type { SearchSpace } from '../spaces/search-space.js';
import { ensembleGumbelSoftmax } from './egs.js';
import type { Estimator, Parameterisation } from './estimator.js';

/** The GDAS estimator over `space`. Its `sample` throws `shape`, `usage`, `diverged`. */
export function sampledGumbelSoftmax(
  space: SearchSpace,
  { parameterisation = 'softmax' }: { readonly parameterisation?: Parameterisation } = {},
): Estimator {
  return ensembleGumbelSoftmax(space, { samples: 1, scope: 'edge', route: 'active', parameterisation });
}
