// Cells of a supernet whose states are no feature maps: vectors f32[N,F], in cells of two types with other inputs, nodes and
// primitives each. What the gated, coded graph computes is written down once more in numbers, and every derivative of the code
// held against a finite difference.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { differentiate } from '../../../graphs/differentiate.js';
import { interpret, tensor } from '../../../graphs/interpret/interpret.js';
import type { Graph, Value } from '../../../graphs/ir.js';
import { operationMask } from '../../../src/estimators/groups.js';
import { parsePath } from '../../../src/networks/paths.js';
import {
  type Candidate,
  type CodeRoute,
  codesByType,
  gatePairs,
  searchCell,
} from '../../../src/networks/search-cell.js';
import {
  entryCount,
  type Section,
  searchSpace,
  sectionOf,
  sections,
} from '../../../src/spaces/search-space.js';
import { randomValues, slopes } from '../estimators/values.js';

const first = {
  name: 'first',
  title: 'First',
  inputs: 1,
  nodes: 2,
  primitives: ['double', 'none', 'relu'],
  derivation: { kept: 1 },
} as const;
const second = { ...first, name: 'second', inputs: 2, nodes: 1, primitives: ['square', 'relu'] } as const;
type Primitive = (typeof first.primitives)[number] | (typeof second.primitives)[number];
type Name = 'first' | 'second';

const SPACE = searchSpace<Name, Primitive>({ name: 'vectors', cellTypes: [first, second] });
const SIZE = entryCount(SPACE);
const SHAPE = [2, 3];
const X = randomValues(1, 6, 0, 1);

/** What each primitive makes of a number, in JavaScript and as a graph. */
const numbers: { readonly [P in Exclude<Primitive, 'none'>]: (x: number) => number } = {
  double: (x) => 2 * x,
  relu: (x) => Math.max(x, 0),
  square: (x) => x * x,
};
const graphs: { readonly [P in Exclude<Primitive, 'none'>]: (g: Builder, x: Value) => Value } = {
  double: (g, x) => g.mul(x, g.scalar(2)),
  relu: (g, x) => g.relu(x),
  square: (g, x) => g.mul(x, x),
};

function candidate({ primitive, state }: { primitive: Exclude<Primitive, 'none'>; state: Value }): Candidate {
  return { reads: state, trace: (g, x, scale) => g.mul(graphs[primitive](g, x), scale) };
}

/** One cell of the first type, whose two nodes are the inputs of one of the second; the loss is the mean of its square. */
function network(route: CodeRoute): Graph {
  const g = new Builder();
  const x = g.input('x', SHAPE);
  const code = g.input('code', [SIZE]);
  const forwardGates = g.input('forwardGates', [SIZE], 'bool');
  const backwardGates = g.input('backwardGates', [SIZE], 'bool');
  const codes = codesByType(g, SPACE, code);
  const gates = gatePairs(g, { forwardGates, backwardGates }, route);
  const cell = (name: Name, inputs: readonly Value[]): Value[] =>
    g.within(`cells.${name === 'first' ? 0 : 1}`, () =>
      searchCell<Value, Primitive>(g, {
        section: sectionOf(SPACE, name),
        code: codes[name],
        gates,
        inputs,
        candidate,
        stateOf: (sum) => sum,
      }),
    );
  const [y] = cell('second', cell('first', [x]));
  const loss = g.reduceSum(g.mul(y!, y!), [0, 1]);
  const [byCode] = differentiate(g, loss, [code]);
  return g.build([
    { name: 'y', value: y! },
    { name: 'loss', value: loss },
    { name: 'gradient', value: byCode! },
  ]);
}

function run(graph: Graph, code: Float64Array, forward: Uint8Array, backward = forward) {
  const gates = (values: Uint8Array) => tensor([SIZE], Float64Array.from(values));
  const results = interpret(graph, {
    x: tensor(SHAPE, X),
    code: tensor([SIZE], code),
    forwardGates: gates(forward),
    backwardGates: gates(backward),
  });
  return (name: string): Float64Array => Float64Array.from(results[name]!.data, Number);
}

/** The same in numbers. */
function expected(code: Float64Array, gates: Uint8Array): number[] {
  const cell = ({ cellType, start }: Section<Name, Primitive>, inputs: readonly number[][]): number[][] => {
    const states = [...inputs];
    let entry = start;
    for (let node = 0; node < cellType.nodes; node++) {
      const sum = new Array<number>(6).fill(0);
      for (const state of [...states])
        for (const primitive of cellType.primitives) {
          const scale = code[entry]! * gates[entry]!;
          entry += 1;
          if (primitive === 'none') continue;
          state.forEach((x, i) => {
            sum[i]! += scale * numbers[primitive](x);
          });
        }
      states.push(sum);
    }
    return states.slice(inputs.length);
  };
  const [one, two] = sections(SPACE);
  return cell(two!, cell(one!, [[...X]]))[0]!;
}

const CODE = randomValues(2, SIZE, 0.5, 0.2);
const OPERATIONS = operationMask(SPACE);
const graphOf = { exact: network('exact'), active: network('active') };

describe('searchCell', () => {
  it.each(['exact', 'active'] as const)('adds up what the code and the gates say, on route %s', (route) => {
    const some = OPERATIONS.map((open, entry) => (entry % 3 === 1 ? 0 : open));
    for (const gates of [OPERATIONS, some]) {
      const y = run(graphOf[route], CODE, gates)('y');
      expect([...y]).toEqual(expected(CODE, gates).map((value) => expect.closeTo(value, 10)));
    }
  });

  it('gives the derivative of every entry that runs forward, whether it learns or not', () => {
    const exact = slopes((code) => run(graphOf.exact, code, OPERATIONS)('loss')[0]!, CODE);
    const known = exact.map((slope, entry) => slope * OPERATIONS[entry]!);
    expect([...known].filter((slope) => slope !== 0)).toHaveLength(
      OPERATIONS.filter((open) => open === 1).length,
    );
    // Only the last node's operations pass a gradient on to what they read: they are all open.
    const learning = OPERATIONS.map((open, entry) =>
      entry < sectionOf(SPACE, 'second').start && entry % 2 === 0 ? 0 : open,
    );
    for (const backward of [OPERATIONS, learning]) {
      const gradient = run(graphOf.exact, CODE, OPERATIONS, backward)('gradient');
      const close = [...gradient].map((g, entry) => Math.abs(g - known[entry]!) < 1e-5 * (1 + Math.abs(g)));
      if (backward === OPERATIONS) expect(close.every(Boolean)).toBe(true);
      else expect(gradient.every((g, entry) => (OPERATIONS[entry] === 1) === (g !== 0))).toBe(true);
    }
    const active = run(graphOf.active, CODE, OPERATIONS)('gradient');
    expect([...active]).toEqual([...known].map((slope) => expect.closeTo(slope, 4)));
  });

  it('knows nothing of an entry that does not run', () => {
    const closed = OPERATIONS.with(3, 0);
    const gradient = run(graphOf.exact, CODE, closed)('gradient');
    expect(OPERATIONS[3]).toBe(1);
    expect(gradient[3]).toBe(0);
  });

  it('puts candidates where paths say', () => {
    const places = new Set(
      graphOf.active.nodes
        .filter(({ op }) => op === 'region')
        .flatMap(({ path }) => {
          const place = parsePath(path)?.place;
          return place?.kind === 'candidate'
            ? [`${place.cell} ${place.node} ${place.edge}.${place.column} ${place.primitive}`]
            : [];
        }),
    );
    expect(places).toEqual(
      new Set([
        '0 0 0.0 double',
        '0 0 0.2 relu',
        '0 1 1.0 double',
        '0 1 1.2 relu',
        '0 1 2.0 double',
        '0 1 2.2 relu',
        '1 0 0.0 square',
        '1 0 0.1 relu',
        '1 0 1.0 square',
        '1 0 1.1 relu',
      ]),
    );
  });

  it('refuses other inputs than the cell type has', () => {
    const g = new Builder();
    const x = g.input('x', SHAPE);
    const code = g.input('code', [SIZE]);
    const codes = codesByType(g, SPACE, code);
    const build = (inputs: readonly Value[]) => () =>
      searchCell<Value, Primitive>(g, {
        section: sectionOf(SPACE, 'second'),
        code: codes.second,
        gates: [],
        inputs,
        candidate,
        stateOf: (sum) => sum,
      });
    expect(build([x])).toThrow(/second cell.*expected: +2.*found: +1/s);
  });
});
