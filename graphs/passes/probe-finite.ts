// A graph that says where numbers stop being finite. For every float32 value of the main graph it has one number,
//
//   sum over the elements of 0 x,
//
// which is 0 where all of them are finite and not a number where one is infinite or none. Values inside of gated regions
// are seen in the region's results. Requires nothing; the original outputs are gone.
import { Builder } from '../builder.js';
import type { Graph, Node, Value } from '../ir.js';

export interface FiniteProbe {
  /** Output `probes`, f32[number of probed values]. */
  readonly graph: Graph;
  /** What yields the values, in the order of the probes, which is that of execution. */
  readonly nodes: readonly Node[];
}

export function probeFinite(graph: Graph): FiniteProbe {
  const g = Builder.continueFrom(graph);
  const zero = g.scalar(0);
  const probed: { readonly node: Node; readonly probe: Value }[] = [];
  for (const node of graph.nodes) {
    for (const value of node.outputs) {
      if (value.dtype !== 'float32' || node.op === 'constant') continue;
      const product = g.mul(value, zero);
      const axes = value.shape.map((_, axis) => axis);
      const total = axes.length === 0 ? product : g.reduceSum(product, axes);
      probed.push({ node, probe: g.reshape(total, [1]) });
    }
  }
  const probes = g.concat(
    probed.map(({ probe }) => probe),
    0,
  );
  return { graph: g.build([{ name: 'probes', value: probes }]), nodes: probed.map(({ node }) => node) };
}
