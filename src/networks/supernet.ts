// The search network for images: a stem, cells of all candidates (`search-cell.ts`), global pooling and a linear layer. All
// normal cells share one code, all reduction cells another.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import type { ConvolutionalPrimitive, ConvolutionalSpace } from '../spaces/convolutional.js';
import { sectionOf } from '../spaces/search-space.js';
import { type CellContext, chainCells, operationStride, requireNetworkSize } from './cells.js';
import { type Features, featuresOf } from './features.js';
import { linear } from './layers.js';
import { primitiveRows } from './operations/index.js';
import { parameterName } from './paths.js';
import {
  type Candidate,
  type CandidatePlace,
  type CodeInputs,
  type CodeRoute,
  codesByType,
  gatePairs,
  searchCell,
} from './search-cell.js';
import { type StemName, stems } from './stems.js';

export interface SupernetOptions {
  readonly space: ConvolutionalSpace;
  /** Of which network the stem is. */
  readonly stem: StemName;
  readonly cells: number;
  readonly initChannels: number;
  readonly classes: number;
  readonly training: boolean;
  readonly route: CodeRoute;
}

export interface SupernetInputs extends CodeInputs {
  /** f32[N,C,H,W]. */
  readonly images: Value;
}

/** f32[N, classes]. @throws GenonnxError for sizes the network cannot have. */
export function supernet(g: Builder, inputs: SupernetInputs, options: SupernetOptions): Value {
  const { cells, initChannels, classes, training, space } = options;
  requireNetworkSize(cells, initChannels, classes);
  const stem = stems[options.stem](g, inputs.images, initChannels, { training, affine: true });
  const codes = codesByType(g, space, inputs.code);
  const gates = gatePairs(g, inputs, options.route);
  const last = chainCells(g, stem, { cells, initChannels, mode: { training, affine: false } }, (context) => {
    const nodes = searchCell<Features, ConvolutionalPrimitive>(g, {
      section: sectionOf(space, context.type),
      code: codes[context.type],
      gates,
      inputs: context.inputs,
      candidate: (place) => candidateOf(place, context, training),
      stateOf: (sum) => featuresOf(g, sum),
    });
    return g.concat(nodes, 1);
  });
  return g.within('classifier', () => linear(g, g.globalAveragePool(last), 'classifier', classes));
}

function candidateOf(
  { primitive, state, input, edge, column }: CandidatePlace<Features, ConvolutionalPrimitive>,
  { index, type }: CellContext,
  training: boolean,
): Candidate {
  const { build, readsRelu } = primitiveRows[primitive];
  const stride = operationStride(type, input);
  const takesRelu = readsRelu(stride);
  const name = parameterName.candidate(index, edge, column);
  return {
    reads: takesRelu ? state.relu : state.raw,
    trace: (g, x, scale) =>
      build(g, takesRelu ? { raw: x, relu: x } : featuresOf(g, x), {
        name,
        stride,
        scale,
        training,
        affine: false,
        normPooling: true,
      }),
  };
}
