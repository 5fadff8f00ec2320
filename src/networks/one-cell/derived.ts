// The network of a genotype of a single cell: the operations that its output depends on, added up at each node.
import type { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import { GenonnxError } from '../../errors.js';
import type { CellGenotype } from '../../spaces/genotype.js';
import type { OneCellGenotype, OneCellPrimitive } from '../../spaces/one-cell.js';
import { reachableCell } from '../../spaces/reachable.js';
import type { Operation } from '../../spaces/search-space.js';
import { type Features, featuresOf } from '../features.js';
import type { NormMode } from '../norm.js';
import { primitiveRows } from '../operations/index.js';
import { parameterName, step } from '../paths.js';
import { type OneCellSizes, oneCellNetwork } from './network.js';

const INPUTS = 1;

export interface DerivedOneCell extends OneCellSizes {
  readonly genotype: OneCellGenotype;
  readonly training: boolean;
}

/** f32[N,C,H,W] -> f32[N,classes]. @throws GenonnxError `usage` for a cell through which no path leads. */
export function derivedOneCell(
  g: Builder,
  images: Value,
  { genotype, training, ...sizes }: DerivedOneCell,
): Value {
  const mode: NormMode = { training, affine: true };
  const cell = reachableCell(genotype.cell, INPUTS);
  return oneCellNetwork(g, images, {
    ...sizes,
    mode,
    cell: (index, input) => derivedCell(g, index, input, cell, mode),
  });
}

function derivedCell(
  g: Builder,
  index: number,
  input: Features,
  { nodes, concat }: CellGenotype<Operation<OneCellPrimitive>>,
  mode: NormMode,
): Value {
  const states: (Features | undefined)[] = [input];
  let operation = 0;
  nodes.forEach((entries, node) => {
    const terms = entries.map(({ primitive, input: from }) => {
      const source = states[from];
      if (source === undefined) throw noPath(index);
      const name = parameterName.operation(index, operation);
      const path = [step.node(node), step.operation({ index: operation, primitive, input: from })].join('/');
      operation += 1;
      return g.within(path, () =>
        primitiveRows[primitive].build(g, source, { ...mode, name, stride: 1, normPooling: false }),
      );
    });
    const [first, ...others] = terms;
    states.push(
      first === undefined
        ? undefined
        : featuresOf(
            g,
            g.within(step.node(node), () => others.reduce((sum, term) => g.add(sum, term), first)),
          ),
    );
  });
  const outputs = concat.flatMap((state) => states[state]?.raw ?? []);
  const [output] = outputs;
  if (output === undefined || outputs.length !== 1) throw noPath(index);
  return output;
}

function noPath(cell: number): GenonnxError {
  return new GenonnxError('usage', 'No path leads through the cell.', {
    where: step.cell(cell),
    expected: 'operations from its input to its last node, which alone is its output',
    cure: 'Add an operation.',
  });
}
