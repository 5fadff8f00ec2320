// What the programs of a run take of memory, told from their graphs before anything is made of them.
//
// A run on ONNX Runtime holds, beside the process itself: for every node of its programs what the lowering and the session
// keep of it; for every session an arena as large as the values that were alive together at its peak, and some more, since
// arenas grow by doubling and freed pieces do not always fit; and its state several times: twice in the engine (a step reads one
// and writes the other), and beginning, being read and being written down in the process. Of steps (searches of 4 and 8 cells, all
// or three of eight candidates open; trainings of 5 to 20 cells, batches of 32 to 96), estimates by the coefficients below are 0.77
// to 0.95 times the peak resident memory. Refusing by them what a machine has not is therefore right for what is far too large,
// and a matter of luck at the edge.
import { bodiesOf } from '../../graphs/bodies.js';
import type { Graph } from '../../graphs/ir.js';
import { liveBytes, type Sizes, valueBytes } from '../../graphs/live-bytes.js';
import type { Feeds } from '../engines/engine.js';
import { gatesOf } from '../engines/gates-of.js';
import { type Step, stateLayout } from '../networks/step.js';

export interface Footprint {
  /** Of all programs, those of bodies included. */
  readonly nodes: number;
  /** Of all state vectors, once. */
  readonly stateBytes: number;
  /** What else is alive at the peak of a step, over all programs: it grows with the batch. */
  readonly activationBytes: number;
}

/** A program, not yet traced, and the gates that a typical step of it is fed. */
export interface Traced {
  readonly trace: () => Step;
  readonly feeds?: Feeds;
}

const processBytes = 100e6;
const bytesPerNode = 23e3;
const bytesPerActivation = 1.4;
const bytesPerState = 7;

/** Peak resident bytes of a run with this footprint, as an estimate. */
export function residentBytes({ nodes, stateBytes, activationBytes }: Footprint): number {
  return (
    processBytes + bytesPerNode * nodes + bytesPerState * stateBytes + bytesPerActivation * activationBytes
  );
}

/** Of the programs of a run, which share a state. They are traced one after the other. */
export function footprintOf(programs: readonly Traced[], sizes?: Sizes): Footprint {
  let [nodes, stateBytes, activationBytes] = [0, 0, 0];
  for (const { trace, feeds = {} } of programs) {
    const { program, state } = trace();
    const { graph, stateInputs, stateOutputs } = program;
    const held = [
      ...graph.inputs.filter(({ path }) => path in stateInputs),
      ...graph.outputs.flatMap(({ name, value }) => (name in stateOutputs ? [value] : [])),
    ].reduce((sum, value) => sum + valueBytes(value), 0);
    nodes += countNodes(graph);
    const known = new Map([...(sizes ?? []), ...sizesIn(graph, feeds)]);
    activationBytes += Math.max(0, liveBytes(graph, gatesOf(graph, feeds), known) - held);
    const numbers = Object.values(stateLayout(state)).reduce((sum, size) => sum + size, 0);
    stateBytes = Math.max(stateBytes, 4 * numbers);
  }
  return { nodes, stateBytes, activationBytes };
}

/** What the feeds say of the open dimensions of their inputs. */
function sizesIn({ inputs }: Graph, feeds: Feeds): [string, number][] {
  return inputs.flatMap(({ shape, path }) =>
    shape.flatMap((dimension, axis): [string, number][] => {
      const size = feeds[path]?.shape[axis];
      return typeof dimension === 'string' && size !== undefined ? [[dimension, size]] : [];
    }),
  );
}

/** The footprint at `at`, on the line through those at two other places. */
export function extrapolate(
  at: number,
  [x0, first]: readonly [number, Footprint],
  [x1, second]: readonly [number, Footprint],
): Footprint {
  const share = (at - x0) / (x1 - x0);
  const along = (a: number, b: number): number => a + share * (b - a);
  return {
    nodes: along(first.nodes, second.nodes),
    stateBytes: along(first.stateBytes, second.stateBytes),
    activationBytes: along(first.activationBytes, second.activationBytes),
  };
}

function countNodes({ nodes }: Graph): number {
  return nodes.reduce(
    (sum, node) => sum + bodiesOf(node).reduce((inside, body) => inside + countNodes(body), 1),
    0,
  );
}
