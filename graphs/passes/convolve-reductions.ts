// Writes FactorizedReduce as convolutions, so that a runtime which fuses convolutions, biases and sums sees nothing else:
//
//   factorizedReduce(x, A, B) + shift = conv(x, [A; 0], stride 2, shift) + conv1x1(odd(x), [0; B])
//
// as its composition has it, whose weights are calculated here, and whose shift, which batch-norm folding adds behind the
// operation, becomes a bias. Requires that both weights are bound; others stay as they are. Ensures the same outputs up to
// the order of the sums. Names depend on the graph only, not on the numbers (which may be absent: arrays of no length).
import type { BoundGraph } from '../bound-graph.js';
import { isOp } from '../ir.js';
import { absorbShifts } from './absorb-shifts.js';
import { expandOperations } from './expand-operations.js';
import { foldConstants } from './fold-constants.js';

/** A bound graph whose reductions with bound weights are convolutions. */
export function convolveReductions({ graph, weights }: BoundGraph): BoundGraph {
  const expanded = expandOperations(
    graph,
    (node) => !isOp(node, 'factorizedReduce') || !node.inputs.slice(1).every((value) => weights.has(value)),
  );
  return absorbShifts(foldConstants({ graph: expanded, weights }));
}
