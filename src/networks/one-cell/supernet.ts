// The search network of a single cell: the same frame, with all candidates on every edge of every cell.
import type { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import type { OneCellCell, OneCellPrimitive, OneCellSpace } from '../../spaces/one-cell.js';
import { sectionOf } from '../../spaces/search-space.js';
import { type Features, featuresOf } from '../features.js';
import { primitiveRows } from '../operations/index.js';
import { parameterName } from '../paths.js';
import {
  type Candidate,
  type CandidatePlace,
  type CodeInputs,
  type CodeRoute,
  codesByType,
  gatePairs,
  searchCell,
} from '../search-cell.js';
import { type OneCellSizes, oneCellNetwork } from './network.js';

export interface OneCellSupernet extends OneCellSizes {
  readonly space: OneCellSpace;
  readonly training: boolean;
  readonly route: CodeRoute;
}

/** f32[N,C,H,W] -> f32[N,classes]; all cells share one code. */
export function oneCellSupernet(
  g: Builder,
  { images, ...inputs }: CodeInputs & { readonly images: Value },
  { space, training, route, ...sizes }: OneCellSupernet,
): Value {
  const cellName: OneCellCell = 'cell';
  const section = sectionOf(space, cellName);
  const code = codesByType(g, space, inputs.code)[cellName];
  const gates = gatePairs(g, inputs, route);
  return oneCellNetwork(g, images, {
    ...sizes,
    mode: { training, affine: true },
    cell: (index, input) => {
      const nodes = searchCell<Features, OneCellPrimitive>(g, {
        section,
        code,
        gates,
        inputs: [input],
        candidate: (place) => candidateOf(place, index, training),
        stateOf: (sum) => featuresOf(g, sum),
      });
      const last = nodes.at(-1);
      if (last === undefined) throw new RangeError('a cell without nodes');
      return last;
    },
  });
}

function candidateOf(
  { primitive, state, edge, column }: CandidatePlace<Features, OneCellPrimitive>,
  cell: number,
  training: boolean,
): Candidate {
  const { build, readsRelu } = primitiveRows[primitive];
  const takesRelu = readsRelu(1);
  const name = parameterName.candidate(cell, edge, column);
  return {
    reads: takesRelu ? state.relu : state.raw,
    trace: (g, x, scale) =>
      build(g, takesRelu ? { raw: x, relu: x } : featuresOf(g, x), {
        name,
        stride: 1,
        scale,
        training,
        affine: false,
        normPooling: true,
      }),
  };
}
