import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CellType,
  cellEntryCount,
  edgeCount,
  edgeIndex,
  edgesOfNode,
  entryCount,
  entryIndex,
  inputsOfNode,
  joinSections,
  mapPerCellType,
  nodeStates,
  perSection,
  type SearchSpace,
  searchSpace,
  sectionOf,
  sections,
} from '../../../src/spaces/search-space.js';
import { oneCellSpace, spaces } from './arbitrary.js';

describe('a cell type', () => {
  it('numbers the edges node by node, with no gap', () => {
    const two = { inputs: 2, nodes: 4 };
    expect(Array.from({ length: 4 }, (_, node) => edgesOfNode(two, node))).toEqual([
      [0, 1],
      [2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11, 12, 13],
    ]);
    expect(edgeIndex(two, 3, 4)).toBe(13);
    expect([1, 2, 3, 4, 5].map((nodes) => edgeCount({ inputs: 2, nodes }))).toEqual([2, 5, 9, 14, 20]);
    // As in a recurrent cell of one input: node i reads the input and the nodes before it.
    expect([1, 2, 3, 8].map((nodes) => edgeCount({ inputs: 1, nodes }))).toEqual([1, 3, 6, 36]);
    expect(nodeStates({ inputs: 1, nodes: 3 })).toEqual([1, 2, 3]);
  });

  it('has an edge from every earlier state into every node, whatever its inputs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }), (inputs, nodes) => {
        const cell = { inputs, nodes };
        const edges = Array.from({ length: nodes }, (_, node) => edgesOfNode(cell, node));
        expect(edges.map(({ length }) => length)).toEqual(
          Array.from({ length: nodes }, (_, node) => inputsOfNode(cell, node)),
        );
        expect(edges.flat()).toEqual(Array.from({ length: edgeCount(cell) }, (_, edge) => edge));
      }),
    );
  });
});

describe('sections', () => {
  it('lie one behind the other and cover the flat vector', () => {
    fc.assert(
      fc.property(spaces, (space) => {
        const table = sections(space);
        expect(table.map(({ cellType }) => cellType)).toEqual(space.cellTypes);
        expect(table[0]?.start).toBe(0);
        expect(table.at(-1)?.end).toBe(entryCount(space));
        table.forEach(({ cellType, start, end }, index) => {
          expect(end - start).toBe(cellEntryCount(cellType));
          if (index > 0) expect(start).toBe(table[index - 1]?.end);
          expect(sectionOf(space, cellType.name)).toEqual({ cellType, start, end });
        });
      }),
    );
    expect(() => sectionOf(oneCellSpace({ nodes: 1, primitives: ['relu'] }) as SearchSpace, 'b')).toThrow(
      /b/,
    );
  });

  it('are cut out of a vector and joined again', () => {
    fc.assert(
      fc.property(spaces, (space) => {
        const values = Float64Array.from({ length: entryCount(space) }, (_, entry) => entry);
        const parts = perSection(space, ({ start, end }) => values.subarray(start, end));
        expect(Object.keys(parts)).toEqual(space.cellTypes.map(({ name }) => name));
        expect(joinSections(space, parts)).toEqual(values);
        const [first] = space.cellTypes;
        expect(() => joinSections(space, { ...parts, [first!.name]: [] })).toThrow(/do not fit/);
      }),
    );
  });

  it('count the entries by edge, then by primitive', () => {
    fc.assert(
      fc.property(spaces, (space) => {
        let entry = 0;
        for (const section of sections(space)) {
          const { nodes, primitives } = section.cellType;
          for (let node = 0; node < nodes; node++)
            for (let input = 0; input < inputsOfNode(section.cellType, node); input++)
              for (const primitive of primitives) {
                expect(entryIndex(section, node, input, primitive)).toBe(entry);
                entry += 1;
              }
          expect(entryIndex(section, 0, 0, 'unknown')).toBeUndefined();
        }
      }),
    );
  });
});

describe('mapPerCellType', () => {
  it('keeps names and order', () => {
    const mapped = mapPerCellType({ b: 1, a: 2 }, (value, name) => `${name}${value}`);
    expect(Object.entries(mapped)).toEqual([
      ['b', 'b1'],
      ['a', 'a2'],
    ]);
  });
});

describe('searchSpace', () => {
  const cell: CellType = {
    name: 'cell',
    title: 'Cell',
    inputs: 1,
    nodes: 2,
    primitives: ['none', 'relu'],
    derivation: { kept: 1 },
  };
  const space = (...cellTypes: CellType[]): SearchSpace => ({ name: 'mine', cellTypes });

  it('takes what is one', () => {
    const two = space(cell, { ...cell, name: 'other_2' });
    expect(searchSpace(two)).toBe(two);
  });

  it.each([
    ['no cell type', space(), /a cell type/],
    ['a name twice', space(cell, cell), /names that differ/],
    ['a name that Python would not take', space({ ...cell, name: 'my-cell' }), /mine: my-cell/],
    ['a name that a field of another cell has', space({ ...cell, name: 'a_concat' }), /a_concat/],
    ['a name that a field of a recurrent cell has', space({ ...cell, name: 'concat' }), /mine: concat/],
    ['a name that alphas files take for something else', space({ ...cell, name: 'scope' }), /scope/],
    ['__proto__', space({ ...cell, name: '__proto__' }), /__proto__/],
    ['no inputs', space({ ...cell, inputs: 0 }), /cell\.inputs/],
    ['half a node', space({ ...cell, nodes: 1.5 }), /cell\.nodes/],
    ['nothing kept', space({ ...cell, derivation: { kept: 0 } }), /cell\.kept/],
    ['no primitives', space({ ...cell, primitives: [] }), /cell\.primitives/],
    ['a primitive twice', space({ ...cell, primitives: ['relu', 'relu'] }), /every primitive once/],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => searchSpace(wrong)).toThrow(message);
  });
});
