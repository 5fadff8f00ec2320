// The search network: every edge of every cell holds all candidate operations, each in a gated region of its own and
// multiplied by its code entry. Codes and gates are per cell type: all normal cells share one architecture, all
// reduction cells another.
//
// Three inputs steer it. `code` multiplies the outputs. `forwardGates` say which candidates run; `backwardGates` which
// of those also get gradients for their weights and inputs. In the `exact` form a candidate is two regions with gates
// that exclude each other: one under the backward gate, and one that only runs forward and whose only derivative is that
// of its code entry. In the `active` form there is one, and a candidate that runs is one that learns.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import type {
  ConvolutionalCell,
  ConvolutionalPrimitive,
  ConvolutionalSpace,
} from '../spaces/convolutional.js';
import { cellEntryCount, isOperation, type Section, sectionOf } from '../spaces/search-space.js';
import { type CellContext, chainCells, operationStride, requireNetworkSize } from './cells.js';
import { type Features, featuresOf } from './features.js';
import { convolution, linear } from './layers.js';
import { convolutionNorm } from './norm.js';
import { networkOperations } from './operations/index.js';

export interface SupernetOptions {
  readonly space: ConvolutionalSpace;
  readonly cells: number;
  readonly initChannels: number;
  readonly classes: number;
  readonly training: boolean;
  /** `exact`: the code gradient of candidates that run forward only; `active`: of those that learn. */
  readonly route: 'exact' | 'active';
}

export interface SupernetInputs {
  /** f32[N,C,H,W]. */
  readonly images: Value;
  /** f32[entries] of the whole space. */
  readonly code: Value;
  /** bool[entries], ordered as the code. */
  readonly forwardGates: Value;
  readonly backwardGates: Value;
}

/** f32[N, classes]. @throws GenonnxError for sizes the network cannot have. */
export function supernet(g: Builder, inputs: SupernetInputs, options: SupernetOptions): Value {
  const { cells, initChannels, classes, training, space } = options;
  requireNetworkSize(cells, initChannels, classes);
  const stem = g.within('stem', () =>
    convolutionNorm(
      g,
      (bias) =>
        convolution(
          g,
          inputs.images,
          { name: 'stem.0', outputs: 3 * initChannels, kernel: 3, padding: 1 },
          bias,
        ),
      { training, affine: true, name: 'stem.1', channels: 3 * initChannels },
    ),
  );
  const codes = g.split(inputs.code, 0, space.cellTypes.map(cellEntryCount));
  const codeOf = new Map(space.cellTypes.map(({ name }, index) => [name, codes[index]]));
  const gates = gateVectors(g, inputs, options.route);
  const mode = { training, affine: false };
  const last = chainCells(g, [stem, stem], { cells, initChannels, mode }, (context) => {
    const code = codeOf.get(context.type);
    if (code === undefined) throw new RangeError('code');
    return searchCell(context, { options, section: sectionOf(space, context.type), code, gates });
  });
  return g.within('classifier', () => linear(g, g.globalAveragePool(last), 'classifier', classes));
}

interface GatePair {
  readonly gates: Value;
  readonly backwardGates: Value;
  readonly learns: boolean;
}

function gateVectors(
  g: Builder,
  { forwardGates, backwardGates }: SupernetInputs,
  route: 'exact' | 'active',
): GatePair[] {
  if (route === 'active') return [{ gates: forwardGates, backwardGates, learns: true }];
  const forwardOnly = g.one('and', [forwardGates, g.one('not', [backwardGates], {})], {});
  return [
    { gates: backwardGates, backwardGates, learns: true },
    { gates: forwardOnly, backwardGates: forwardOnly, learns: false },
  ];
}

interface SearchCellInputs {
  readonly options: SupernetOptions;
  readonly section: Section<ConvolutionalCell, ConvolutionalPrimitive>;
  /** Of the cell's type, f32[E K]. */
  readonly code: Value;
  readonly gates: readonly GatePair[];
}

function searchCell(
  { g, index, type, channels: _, inputs }: CellContext,
  { options, section, code: codeOfType, gates }: SearchCellInputs,
): Value {
  const { training } = options;
  const { cellType, start } = section;
  // Cut for each cell, so that the gradients of its entries are joined before they are summed over the cells.
  const entries = g.split(codeOfType, 0, new Array<number>(cellEntryCount(cellType)).fill(1));
  const states: Features[] = [...inputs];
  const nodes: Value[] = [];
  let edge = 0;
  for (let node = 0; node < cellType.nodes; node++) {
    const terms: Value[] = [];
    for (const source of states) {
      const stride = operationStride(type, states.indexOf(source));
      cellType.primitives.forEach((primitive, k) => {
        if (!isOperation(primitive)) return;
        const entry = edge * cellType.primitives.length + k;
        const gateIndex = start + entry;
        const code = entries[entry];
        if (code === undefined) throw new RangeError('code entry');
        const takesRelu = primitive.includes('conv') || (primitive === 'skip_connect' && stride === 2);
        const x = takesRelu ? source.relu : source.raw;
        for (const pair of gates) {
          const term = g.within(`node${node}/${edge}.${k}.${primitive}`, () =>
            g.region(
              { ...pair, gateIndex, ...(pair.learns ? {} : { differentiable: [code] }) },
              [x, code],
              (body, [inner, scale]) => {
                if (inner === undefined) throw new RangeError('capture');
                return networkOperations[primitive](
                  body,
                  takesRelu ? { raw: inner, relu: inner } : featuresOf(body, inner),
                  {
                    name: `cells.${index}._ops.${edge}._ops.${k}`,
                    stride,
                    scale,
                    training,
                    affine: false,
                    normPooling: true,
                  },
                );
              },
            ),
          );
          terms.push(term);
        }
      });
      edge += 1;
    }
    const state = g.within(`node${node}`, () => g.sum(terms));
    nodes.push(state);
    states.push(featuresOf(g, state));
  }
  return g.concat(nodes, 1);
}
