// A code as the recurrent supernet takes it: which edges into each node learn, which others run forward for their code entries'
// gradients alone, and whether any takes part at all. An edge is open where one of its operations is; `none` opens none.
import type { Feeds, HostTensor } from '../../engines/engine.js';
import { edgeInputs } from '../../networks/recurrent/supernet.js';
import type { RecurrentSpace } from '../../spaces/recurrent.js';
import { edgesOfNode, isOperation, nodeStates } from '../../spaces/search-space.js';
import type { CodeOf } from '../code-feeds.js';

/** The feeds of a code. */
export function edgeFeeds(
  { cellTypes: [cellType] }: RecurrentSpace,
  { code, forwardGates, backwardGates }: CodeOf,
): Feeds {
  if (cellType === undefined) throw new RangeError('a space without a cell type');
  const { primitives } = cellType;
  const isOpen = (gates: Uint8Array, edge: number): boolean =>
    primitives.some(
      (primitive, column) => isOperation(primitive) && gates[edge * primitives.length + column] !== 0,
    );
  const alive: number[] = [];
  const lists = nodeStates(cellType).flatMap((_, node): [string, HostTensor][] => {
    const edges = edgesOfNode(cellType, node);
    const states = (of: (edge: number) => boolean): number[] =>
      edges.flatMap((edge, state) => (of(edge) ? [state] : []));
    const learning = states((edge) => isOpen(backwardGates, edge));
    const forward = states((edge) => !isOpen(backwardGates, edge) && isOpen(forwardGates, edge));
    alive.push(learning.length === 0 ? 0 : 1);
    return [
      [edgeInputs.learning(node), list(learning)],
      [edgeInputs.forward(node), list(forward)],
    ];
  });
  return {
    ...Object.fromEntries(lists),
    [edgeInputs.alive]: { shape: [alive.length], data: Float32Array.from(alive) },
    code: { shape: [code.length], data: Float32Array.from(code) },
  };
}

function list(states: readonly number[]): HostTensor {
  return { shape: [states.length], data: BigInt64Array.from(states, BigInt) };
}
