// The cell of an evaluation network: the operations that a genotype names, summed at each node, and the nodes of its
// `concat` side by side.
import type { Value } from '../../graphs/ir.js';
import { GenonnxError } from '../errors.js';
import type { ConvolutionalOperation } from '../spaces/convolutional.js';
import type { CellGenotype } from '../spaces/genotype.js';
import { operationSampling } from './atrous.js';
import { type CellContext, operationStride } from './cells.js';
import { type Features, featuresOf } from './features.js';
import type { NormMode } from './norm.js';
import { primitiveRows } from './operations/index.js';
import { parameterName, step } from './paths.js';

/** Drops a path: multiplies by the next mask (f32[N,1,1,1], 0 or 1 / keep probability). */
export type DropPath = (path: Value) => Value;

/** f32[N, len(concat) C, H, W]. @throws GenonnxError `node-out-of-range` for an input that the cell has not. */
export function derivedCell(
  { g, index, type, sampling, inputs }: CellContext,
  genotype: CellGenotype<ConvolutionalOperation>,
  mode: NormMode,
  dropPath: DropPath | undefined,
): Value {
  const states: Features[] = [...inputs];
  let operation = 0;
  genotype.nodes.forEach((node, position) => {
    const terms = node.map(({ primitive, input }) => {
      const source = states[input];
      if (source === undefined) throw outOfRange(index, position, input, states.length);
      const stride = operationStride(type, input);
      const name = parameterName.operation(index, operation);
      const path = [step.node(position), step.operation({ index: operation, primitive, input })];
      operation += 1;
      return g.within(path.join('/'), () => {
        const row = primitiveRows[primitive];
        const own = operationSampling(sampling, input);
        const y = row.build(g, source, { ...mode, name, stride, sampling: own, normPooling: false });
        return dropPath === undefined || row.isIdentity(stride) ? y : dropPath(y);
      });
    });
    states.push(
      featuresOf(
        g,
        g.within(step.node(position), () => addUp(terms, (a, b) => g.add(a, b))),
      ),
    );
  });
  const nodes = genotype.concat.map((input) => {
    const state = states[input];
    if (state === undefined) throw outOfRange(index, genotype.nodes.length, input, states.length);
    return state.raw;
  });
  return g.within(step.output, () => g.concat(nodes, 1));
}

function addUp(terms: readonly Value[], add: (a: Value, b: Value) => Value): Value {
  return terms.reduce((total, term) => add(total, term));
}

function outOfRange(cell: number, node: number, input: number, states: number): GenonnxError {
  return new GenonnxError('node-out-of-range', 'A genotype names an input that the node does not have.', {
    where: `${step.cell(cell)}, node ${node}`,
    expected: `an input from 0 to ${states - 1}`,
    found: String(input),
  });
}

/** How many drop-path masks the cell uses: one for each operation that is no identity. */
export function droppedPaths(
  genotype: CellGenotype<ConvolutionalOperation>,
  type: CellContext['type'],
): number {
  return genotype.nodes
    .flat()
    .filter(({ primitive, input }) => !primitiveRows[primitive].isIdentity(operationStride(type, input)))
    .length;
}
