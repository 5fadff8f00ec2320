// Who reads a value: a pass may change or drop one that has a single reader.
import type { Graph, Value } from '../ir.js';

/** How often each value is read: by nodes, once for each place, and as an output. Values that nobody reads are absent. */
export function countReaders({ nodes, outputs }: Pick<Graph, 'nodes' | 'outputs'>): Map<Value, number> {
  const counts = new Map<Value, number>();
  const all = [...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ value }) => value)];
  for (const value of all) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
