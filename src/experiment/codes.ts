// Figures 1 and 2: which codes the Ensemble Gumbel-Softmax gives of one probability vector, how probable each is exactly, and how
// often it is drawn. The paper's drawing has p = [1/2, 1/2] and M = 2: the codes 10, 11 and 01 at 1/4, 1/2 and 1/4.
import { exactCodeProbability } from '../estimators/closed-forms.js';
import { ensembleGumbelSoftmax } from '../estimators/egs.js';
import { openStream } from '../random.js';
import { searchSpace } from '../spaces/search-space.js';
import type { CodesDeclaration } from './declaration.js';

export interface CodeShare {
  /** A digit for each candidate: `10`. */
  readonly code: string;
  readonly exact: number;
  readonly drawn: number;
}

/** Every code with up to M ones. @throws GenonnxError `usage` for an M out of range. */
export function codeShares({ probabilities, samples, draws, seed }: Draws): CodeShare[] {
  const counts = drawnCodes({ probabilities, samples, draws, seed });
  return subsets(probabilities.length)
    .filter((chosen) => chosen.length >= 1 && chosen.length <= samples)
    .map((chosen) => {
      const code = probabilities.map((_, k) => (chosen.includes(k) ? '1' : '0')).join('');
      const exact = exactCodeProbability(
        chosen.map((k) => probabilities[k] ?? 0),
        samples,
      );
      return { code, exact, drawn: (counts.get(code) ?? 0) / draws };
    });
}

type Draws = Pick<CodesDeclaration, 'probabilities' | 'samples' | 'draws' | 'seed'>;

function drawnCodes({ probabilities, samples, draws, seed }: Draws): Map<string, number> {
  // One edge.
  const space = searchSpace({
    name: 'one edge',
    cellTypes: [
      {
        name: 'cell',
        title: 'Cell',
        inputs: 1,
        nodes: 1,
        primitives: probabilities.map((_, k) => `candidate_${k + 1}`),
        derivation: { kept: 1 },
      },
    ],
  });
  const estimator = ensembleGumbelSoftmax(space, { samples, scope: 'edge' });
  const alphas = Float64Array.from(probabilities, Math.log);
  const stream = openStream(seed, 'codes');
  const counts = new Map<string, number>();
  for (let draw = 0; draw < draws; draw++) {
    const code = estimator.sample(alphas, stream, 1).code.join('');
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

/** Those of 0 to count - 1, in the order of codes read as numbers, the largest first. */
function subsets(count: number): number[][] {
  const all = Array.from({ length: count }, (_, k) => k);
  return Array.from({ length: 2 ** count }, (_, number) =>
    all.filter((k) => Math.floor(number / 2 ** (count - 1 - k)) % 2 === 1),
  ).reverse();
}
