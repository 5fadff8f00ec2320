// The networks of a single cell against what is known of them by hand, and against the supernet that holds them.
import { describe, expect, it } from 'vitest';
import { oneCellInference } from '../../../../src/networks/one-cell/inference.js';
import { ONE_CELL_FORM, ONE_CELL_SPACE } from '../../../../src/spaces/one-cell.js';
import { parseGenotypeOf } from '../../../../src/spaces/parse.js';
import { tableCells } from '../../../../src/table/cells.js';

const sizes = {
  stages: 2,
  cells: 1,
  initChannels: 4,
  stemStride: 4,
  classes: 10,
  image: { channels: 1, height: 28, width: 28 },
} as const;
const parametersOf = (text: string): number =>
  oneCellInference({ ...sizes, batch: 1, genotype: parseGenotypeOf(ONE_CELL_FORM, text) }).parameters;

// Stem 3x3 and BN, FactorizedReduce 4 -> 8 and BN, BN of the head, linear.
const frame = 4 * 9 + 2 * 4 + 4 * 8 + 2 * 8 + 2 * 8 + 8 * 10 + 10;
// Twice depthwise, pointwise and BN.
const separable = (channels: number): number => 2 * (9 * channels + channels ** 2 + 2 * channels);

describe('the parameters of a network', () => {
  it('are those of its frame where its cells have none', () => {
    expect(parametersOf("Genotype(cell=[('skip_connect', 0), ('avg_pool_3x3', 0)], cell_concat=[2])")).toBe(
      frame,
    );
  });

  it('are those of the operations that its output depends on', () => {
    const dead = "Genotype(cell=[('sep_conv_3x3', 0), ('sep_conv_3x3', 0)], cell_concat=[2])";
    const live = "Genotype(cell=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1)], cell_concat=[2])";
    expect(parametersOf(dead)).toBe(frame + separable(4) + separable(8));
    expect(parametersOf(live)).toBe(frame + 2 * (separable(4) + separable(8)));
  });
});

it('networks of the space can be built', () => {
  for (const { genotype } of tableCells(ONE_CELL_SPACE).filter((_, index) => index % 13 === 0)) {
    if (genotype === undefined) continue;
    const { graph, cost } = oneCellInference({ ...sizes, batch: 1, genotype });
    expect(graph.outputs[0]?.value.shape).toEqual([1, 10]);
    expect(cost.macs).toBeGreaterThan(0);
  }
});

it('a cell without a path is refused', () => {
  const genotype = { cell: { nodes: [[], []], concat: [2] } };
  expect(() => oneCellInference({ ...sizes, batch: 1, genotype })).toThrow(/No path leads through the cell/);
});
