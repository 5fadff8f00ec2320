// Groups of entries that share one probability vector. The paper's equations have one vector an edge (scope `edge`); the
// genotypes that its authors released have at most M operations a node, so they were searched with one vector for all
// pairs (edge, primitive) that enter a node (scope `node`). Edges into a node lie side by side, and so does a group.
import { type CellSpace, edgeCount, edgeIndex, entryCount, inputsOfNode } from '../spaces/search-space.js';
import type { Scope } from './estimator.js';

/** Entries `start` up to, not including, `end`. */
export interface EntryGroup {
  readonly start: number;
  readonly end: number;
}

/** The groups of one cell type, in order; together they hold every entry once. */
export function entryGroups(space: CellSpace, scope: Scope): EntryGroup[] {
  const candidates = space.primitives.length;
  if (scope === 'edge') {
    return Array.from({ length: edgeCount(space.nodes) }, (_, edge) => ({
      start: edge * candidates,
      end: (edge + 1) * candidates,
    }));
  }
  return Array.from({ length: space.nodes }, (_, node) => nodeEntries(space, node));
}

/** All entries of the edges into intermediate node `node`. */
export function nodeEntries(space: CellSpace, node: number): EntryGroup {
  const start = edgeIndex(node, 0) * space.primitives.length;
  return { start, end: start + inputsOfNode(node) * space.primitives.length };
}

/** u8[entries]: 1 where the entry is an operation, 0 where it is `none`, which computes nothing. */
export function operationMask(space: CellSpace): Uint8Array {
  const { primitives } = space;
  return Uint8Array.from({ length: entryCount(space) }, (_, entry) =>
    primitives[entry % primitives.length] === 'none' ? 0 : 1,
  );
}
