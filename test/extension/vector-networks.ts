// Networks over vectors, f32[N, width]: one cell of each type of a space, one behind the other, between a linear layer from
// the input and one to the answer. As a supernet, whose candidates are gated regions, and as the network of a genotype.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import {
  type CodeInputs,
  type CodeRoute,
  codesByType,
  gatePairs,
  searchCell,
} from '../../src/networks/search-cell.js';
import type { Genotype } from '../../src/spaces/genotype.js';
import { type Operation, type SearchSpace, sections } from '../../src/spaces/search-space.js';
import type { VectorPrimitive } from './vector-spaces.js';

const width = 4;
const plain = { transposeA: false, transposeB: false };

function linear(g: Builder, x: Value, name: string, from: number, to: number): Value {
  const bound = 1 / Math.sqrt(from);
  const weight = g.parameter(`${name}.weight`, [from, to], { kind: 'uniform', bound });
  const bias = g.parameter(`${name}.bias`, [to], { kind: 'constant', value: 0 });
  return g.add(g.one('matMul', [x, weight], plain), bias);
}

type Primitive = (g: Builder, x: Value, name: string) => Value;

const primitives: { readonly [P in Operation<VectorPrimitive>]: Primitive } = {
  pass: (g, x) => g.mul(x, g.scalar(1)),
  halve: (g, x) => g.mul(x, g.scalar(0.5)),
  affine: (g, x, name) => linear(g, x, name, width, width),
  rectified: (g, x, name) => g.relu(linear(g, x, name, width, width)),
};

/** What a cell reads: the outputs of the cells before it, the newest first, and the first layer's where there are none. */
function inputsOf(outputs: readonly Value[], inputs: number): Value[] {
  return Array.from({ length: inputs }, (_, i) => outputs[Math.max(outputs.length - 1 - i, 0)]!);
}

function mean(g: Builder, states: readonly Value[]): Value {
  return g.mul(g.sum([...states]), g.scalar(1 / states.length));
}

/** f32[N, features] -> f32[N, 1], by whatever `cells` make of it. */
function between(g: Builder, x: Value, features: number, cells: (first: Value) => Value): Value {
  return linear(g, cells(linear(g, x, 'first', features, width)), 'last', width, 1);
}

export function vectorSupernet<Name extends string>(
  g: Builder,
  x: Value,
  features: number,
  space: SearchSpace<Name, VectorPrimitive>,
  steering: CodeInputs,
  route: CodeRoute,
): Value {
  const codes = codesByType(g, space, steering.code);
  const gates = gatePairs(g, steering, route);
  return between(g, x, features, (first) => {
    const outputs = [first];
    for (const section of sections(space)) {
      const { name, inputs } = section.cellType;
      const nodes = g.within(name, () =>
        searchCell<Value, VectorPrimitive>(g, {
          section,
          code: codes[name],
          gates,
          inputs: inputsOf(outputs, inputs),
          candidate: ({ primitive, state, edge }) => ({
            reads: state,
            trace: (body, inner, scale) =>
              body.mul(primitives[primitive](body, inner, `${name}.${edge}.${primitive}`), scale),
          }),
          stateOf: (sum) => sum,
        }),
      );
      outputs.push(mean(g, nodes));
    }
    return outputs.at(-1)!;
  });
}

export function vectorNetwork<Name extends string>(
  g: Builder,
  x: Value,
  features: number,
  space: SearchSpace<Name, VectorPrimitive>,
  genotype: Genotype<Name, Operation<VectorPrimitive>>,
): Value {
  return between(g, x, features, (first) => {
    const outputs = [first];
    for (const cellType of space.cellTypes) {
      const cell = genotype[cellType.name];
      const states = inputsOf(outputs, cellType.inputs);
      cell.nodes.forEach((operations, node) => {
        const terms = operations.map(({ primitive, input }, i) =>
          primitives[primitive](g, states[input]!, `${cellType.name}.${node}.${i}.${primitive}`),
        );
        states.push(g.sum(terms));
      });
      outputs.push(
        mean(
          g,
          cell.concat.map((state) => states[state]!),
        ),
      );
    }
    return outputs.at(-1)!;
  });
}
