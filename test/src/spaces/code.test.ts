import { describe, expect, it } from 'vitest';
import { closedNodes, codeOfGenotype } from '../../../src/spaces/code.js';
import {
  type ConvolutionalGenotype,
  type ConvolutionalOperation,
  DARTS_SPACE,
} from '../../../src/spaces/convolutional.js';
import type { CellGenotype } from '../../../src/spaces/genotype.js';
import { RECURRENT_SPACE } from '../../../src/spaces/recurrent.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { zooEntry } from '../../../src/spaces/zoo.js';

const { genotype } = zooEntry('DATA_M7');

type Cell = CellGenotype<ConvolutionalOperation>;

function withNormal(change: (cell: Cell) => Cell): ConvolutionalGenotype {
  return { ...genotype, normal: change(genotype.normal) };
}

describe('closedNodes', () => {
  const [cell] = RECURRENT_SPACE.cellTypes;
  const { primitives } = cell!;
  const gates = (...open: number[]): Uint8Array =>
    Uint8Array.from({ length: entryCount(RECURRENT_SPACE) }, (_, entry) => (open.includes(entry) ? 1 : 0));

  it('are those into which nothing is open but what opens no edge', () => {
    expect(closedNodes(RECURRENT_SPACE, gates())).toBe(cell!.nodes);
    // The first node has one edge; the second one has the two behind it.
    const tanh = primitives.indexOf('tanh');
    expect(closedNodes(RECURRENT_SPACE, gates(tanh))).toBe(cell!.nodes - 1);
    expect(closedNodes(RECURRENT_SPACE, gates(primitives.length + tanh, 2 * primitives.length + tanh))).toBe(
      cell!.nodes - 1,
    );
    expect(closedNodes(RECURRENT_SPACE, gates(primitives.indexOf('none')))).toBe(cell!.nodes);
    const all = new Uint8Array(entryCount(DARTS_SPACE)).fill(1);
    expect(closedNodes(DARTS_SPACE, all)).toBe(0);
    // One entry of the reduction cell's last edge: three of its nodes are closed, and all four of the normal cell.
    const last = new Uint8Array(all.length);
    last[all.length - 1] = 1;
    expect(closedNodes(DARTS_SPACE, last)).toBe(7);
  });
});

describe('codeOfGenotype', () => {
  it('has a 1 for every operation, at [edge][primitive]', () => {
    const code = codeOfGenotype(genotype, DARTS_SPACE);
    const ones = [...code].flatMap((c, entry) => (c === 1 ? [[Math.floor(entry / 8), entry % 8]] : []));
    expect(ones).toHaveLength(26);
    // Edges of the normal cell; those of the reduction cell are 14 to 27.
    expect(ones.filter(([edge]) => edge! < 14)).toEqual([
      [0, 3],
      [0, 4],
      [1, 3],
      [1, 4],
      [2, 3],
      [3, 3],
      [4, 4],
      [5, 3],
      [7, 3],
      [8, 6],
      [10, 3],
      [11, 3],
      [11, 4],
    ]);
  });

  it('refuses what the space cannot hold, and says what', () => {
    const code = (of: ConvolutionalGenotype) => () => codeOfGenotype(of, DARTS_SPACE);
    const [first, ...others] = genotype.normal.nodes;
    const twice = withNormal((cell) => ({ ...cell, nodes: [[...first!, first![0]!], ...others] }));
    expect(code(twice)).toThrow(/two skip_connect on state 0/);
    const wide = withNormal((cell) => ({
      ...cell,
      nodes: [[{ primitive: 'sep_conv_7x7', input: 0 }], ...others],
    }));
    expect(code(wide)).toThrow(/sep_conv_7x7/);
    expect(code(withNormal((cell) => ({ ...cell, nodes: others })))).toThrow(/4 nodes/);
    expect(code(withNormal((cell) => ({ ...cell, concat: [3, 4, 5] })))).toThrow(/concatenated/);
  });
});
