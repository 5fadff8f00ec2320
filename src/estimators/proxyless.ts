// ProxylessNAS: two paths an edge, of which one is active. Cai, Zhu and Han, "ProxylessNAS: Direct Neural Architecture
// Search on Target Task and Hardware", ICLR 2019, Sec. 3.2. In the architecture step, for each edge,
//
//   {a, b}                drawn from p without replacement; all other paths as if they did not exist
//   q_a = p_a / (p_a + p_b),  q_b = 1 - q_a
//   code = 1 for one of the two, drawn by q; 0 for all others
//
// Both run forward, so that g = dL/dcode is known for both; only the active one learns. The gates' gradient goes to the two
// alphas as if the code were q (Eq. 4), and to no other:
//
//   dL/dalpha_a = q_a q_b (g_a - g_b) = -dL/dalpha_b
//
// The two largest of log p + G are a draw without replacement, and one Gumbel for each entry keeps the stream's position
// independent of the alphas. No temperature is read. After the optimizer's step the two alphas are shifted together, so that
// no other path becomes more or less probable by it; that holds for an optimizer that moves nothing without a gradient.
//
// The weight step has one path an edge, drawn from p itself: the hard sample of GDAS.
//
// Deviation: the released code takes no step on an edge whose active path is `none`. Its derivative is known, 0, and the
// other's is known too, so that here the edge learns as any other.
import { GenonnxError } from '../errors.js';
import type { RandomStream } from '../random.js';
import { entryCount, type SearchSpace } from '../spaces/search-space.js';
import type { Estimator } from './estimator.js';
import { knownGradient, openOperations } from './gates.js';
import { entryGroups, operationMask } from './groups.js';
import { distributionOf } from './parameterisation.js';
import { requireEntries } from './requirements.js';

/** The two paths of an edge, as entries of the space. */
interface Pair {
  readonly active: number;
  readonly other: number;
  /** q of the two. */
  readonly activeShare: number;
  readonly otherShare: number;
}

/**
 * The estimator of the architecture step over `space`. @throws `usage` for a space of one primitive; its `sample` `shape`,
 * `diverged`.
 */
export function twoPaths(space: SearchSpace): Estimator {
  requireTwo(space);
  const groups = entryGroups(space, 'edge');
  const operations = operationMask(space);

  return {
    sample(alphas, stream) {
      requireEntries(alphas, space, 'alphas');
      const code = new Float64Array(entryCount(space));
      const forwardGates = new Uint8Array(code.length);
      const pairs = groups.map(({ start, end }) => {
        const { logProbabilities } = distributionOf(alphas.subarray(start, end), 'softmax');
        const pair = drawPair(logProbabilities, start, stream);
        code[pair.active] = 1;
        for (const entry of [pair.active, pair.other]) forwardGates[entry] = operations[entry]!;
        return pair;
      });

      return {
        code,
        forwardGates,
        backwardGates: openOperations(code, operations),
        pullback(codeGradient) {
          requireEntries(codeGradient, space, 'code gradients');
          const known = knownGradient(codeGradient, forwardGates);
          const gradient = new Float64Array(known.length);
          for (const { active, other, activeShare, otherShare } of pairs) {
            const difference = activeShare * otherShare * (known[active]! - known[other]!);
            gradient[active] = difference;
            gradient[other] = -difference;
          }
          return gradient;
        },
        afterStep(before, after) {
          const shifted = after.slice();
          for (const { active, other } of pairs) {
            const shift = logSum(after[active]!, after[other]!) - logSum(before[active]!, before[other]!);
            shifted[active]! -= shift;
            shifted[other]! -= shift;
          }
          return shifted;
        },
      };
    },
  };
}

function requireTwo({ cellTypes }: SearchSpace): void {
  const narrow = cellTypes.find(({ primitives }) => primitives.length < 2);
  if (narrow === undefined) return;
  throw new GenonnxError('usage', 'The search space has no two paths to sample.', {
    where: `${narrow.name} cell`,
    expected: 'at least two primitives',
    found: narrow.primitives.join(', '),
    cure: 'Add primitives to the space.',
  });
}

/** Draws a Gumbel for every entry of the group, and then a uniform for which of the two is active. */
function drawPair(logProbabilities: Float64Array, start: number, stream: RandomStream): Pair {
  const scores = [...logProbabilities].map((logP, k) => ({ k, logP, score: logP + stream.gumbel() }));
  const [first, second] = scores.sort((a, b) => b.score - a.score);
  if (first === undefined || second === undefined) throw new RangeError('two paths');
  const firstShare = 1 / (1 + Math.exp(second.logP - first.logP));
  const secondShare = 1 / (1 + Math.exp(first.logP - second.logP));
  return stream.uniform() < firstShare
    ? { active: start + first.k, other: start + second.k, activeShare: firstShare, otherShare: secondShare }
    : { active: start + second.k, other: start + first.k, activeShare: secondShare, otherShare: firstShare };
}

/** log(exp a + exp b). */
function logSum(a: number, b: number): number {
  const largest = Math.max(a, b);
  return largest + Math.log(Math.exp(a - largest) + Math.exp(b - largest));
}
