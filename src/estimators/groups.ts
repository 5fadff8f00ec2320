// Groups of entries that share one probability vector. The paper's equations have one vector an edge (scope `edge`); the
// genotypes that its authors released have at most M operations a node, so they were searched with one vector for all
// pairs (edge, primitive) that enter a node (scope `node`). Edges into a node lie side by side, and so does a group.
import {
  edgeCount,
  edgeIndex,
  entryCount,
  inputsOfNode,
  type SearchSpace,
  type Section,
  sections,
} from '../spaces/search-space.js';
import type { Scope } from './estimator.js';

/** Entries `start` up to, not including, `end` of a flat vector over the space. */
export interface EntryGroup {
  readonly start: number;
  readonly end: number;
}

/** The groups of all cell types, in order; together they hold every entry once. */
export function entryGroups(space: SearchSpace, scope: Scope): EntryGroup[] {
  return sections(space).flatMap((section) => sectionGroups(section, scope));
}

/** The groups of one cell type. */
export function sectionGroups(section: Section, scope: Scope): EntryGroup[] {
  const { cellType, start } = section;
  const candidates = cellType.primitives.length;
  if (scope === 'node')
    return Array.from({ length: cellType.nodes }, (_, node) => nodeEntries(section, node));
  return Array.from({ length: edgeCount(cellType) }, (_, edge) => ({
    start: start + edge * candidates,
    end: start + (edge + 1) * candidates,
  }));
}

/** All entries of the edges into intermediate node `node`. */
export function nodeEntries({ cellType, start }: Section, node: number): EntryGroup {
  const candidates = cellType.primitives.length;
  const first = start + edgeIndex(cellType, node, 0) * candidates;
  return { start: first, end: first + inputsOfNode(cellType, node) * candidates };
}

/** u8[entries]: 1 where the entry is an operation, 0 where it is `none`, which computes nothing. */
export function operationMask(space: SearchSpace): Uint8Array {
  const mask = new Uint8Array(entryCount(space));
  for (const { cellType, start, end } of sections(space)) {
    const { primitives } = cellType;
    for (let entry = start; entry < end; entry++)
      mask[entry] = primitives[(entry - start) % primitives.length] === 'none' ? 0 : 1;
  }
  return mask;
}
