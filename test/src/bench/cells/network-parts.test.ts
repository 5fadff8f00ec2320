import { describe, expect, it } from 'vitest';
import { cellExtents, networkParts, partsOfSpace } from '../../../../src/bench/cells/network-parts.js';
import { type CellsNetwork, type Part, partKey } from '../../../../src/bench/cells/parts.js';
import { paperSizes } from '../../../../src/networks/evaluation.js';
import {
  type ConvolutionalGenotype,
  convolutionalSpace,
  DARTS_SPACE,
} from '../../../../src/spaces/convolutional.js';
import { zooEntry } from '../../../../src/spaces/zoo.js';

const cifar: CellsNetwork = { name: 'cifar', ...paperSizes.cifar };
const imagenet: CellsNetwork = { name: 'imagenet', ...paperSizes.imagenet };

/** Parts of one kind, as `36->36 32x32/1`, with their counts. */
function counted(
  network: CellsNetwork,
  genotype: ConvolutionalGenotype,
  kind: Part['part'],
): Record<string, number> {
  return Object.fromEntries(
    networkParts(network, genotype)
      .filter(({ part }) => part.part === kind)
      .map(({ part, count }) => [partKey(part).slice(kind.length + 1), count]),
  );
}

/** A genotype of two nodes: the first takes both inputs, the second input 0 and the first node. */
function twoNodes(
  a: 'skip_connect' | 'sep_conv_3x3',
  b: 'max_pool_3x3' | 'sep_conv_3x3',
): ConvolutionalGenotype {
  const cell = {
    nodes: [
      [
        { primitive: a, input: 0 },
        { primitive: b, input: 1 },
      ],
      [
        { primitive: a, input: 0 },
        { primitive: b, input: 2 },
      ],
    ],
    concat: [2, 3],
  };
  return { normal: cell, reduce: cell };
}

describe('the parts of the CIFAR network of 20 cells and 36 channels', () => {
  const { genotype } = zooEntry('DARTS_V2');

  it('are operations at three shapes, six cells each, and in two reductions', () => {
    expect(counted(cifar, genotype, 'primitive')).toEqual({
      'sep_conv_3x3 36->36 32x32/1': 5 * 6,
      'sep_conv_3x3 72->72 16x16/1': 5 * 6,
      'sep_conv_3x3 144->144 8x8/1': 5 * 6,
      'dil_conv_3x3 36->36 32x32/1': 6,
      'dil_conv_3x3 72->72 16x16/1': 6,
      'dil_conv_3x3 144->144 8x8/1': 6,
      'max_pool_3x3 72->72 32x32/2': 5,
      'max_pool_3x3 144->144 16x16/2': 5,
      // Two skips in a normal cell, each at a node with a convolution that takes up the addition. In a reduction three
      // skips, and four nodes without a convolution, each of which performs one addition less than it has operations.
      'skip_connect 72->72 16x16/1': 3 - 4,
      'skip_connect 144->144 8x8/1': 3 - 4,
    });
  });

  it('are preprocessing as the chain of cells has it', () => {
    expect(counted(cifar, genotype, 'preprocess')).toEqual({
      // Both inputs of cell 0 are the stem, as is the older one of cell 1.
      'relu_conv_bn 108->36 32x32/1': 3,
      'relu_conv_bn 144->36 32x32/1': 2 * 6 - 3,
      'relu_conv_bn 144->72 32x32/1': 2,
      'factorized_reduce 144->72 32x32/2': 1,
      'relu_conv_bn 288->72 16x16/1': 2 * 6 - 1,
      'relu_conv_bn 288->144 16x16/1': 2,
      'factorized_reduce 288->144 16x16/2': 1,
      'relu_conv_bn 576->144 8x8/1': 2 * 6 - 1,
    });
  });

  it('are one concatenation a cell, one stem, one head, one call', () => {
    expect(counted(cifar, genotype, 'concat')).toEqual({
      'concat 36->144 32x32/1': 6,
      'concat 72->288 16x16/1': 7,
      'concat 144->576 8x8/1': 7,
    });
    expect(counted(cifar, genotype, 'stem')).toEqual({ 'cifar 3->108 32x32/1': 1 });
    expect(counted(cifar, genotype, 'head')).toEqual({ 'head 576->10 8x8/1': 1 });
    expect(counted(cifar, genotype, 'call')).toEqual({ 'call 3->10 32x32/1': 1 });
  });
});

describe('a ReLU', () => {
  it('is a part where somebody reads the map without it, and nowhere else', () => {
    // Inputs are read by convolutions only and come from convolutions; node 2 is concatenated.
    expect(counted({ ...cifar, cells: 1 }, twoNodes('sep_conv_3x3', 'sep_conv_3x3'), 'relu')).toEqual({
      'relu 72->72 16x16/1': 1,
    });
    // Nobody reads a ReLU.
    expect(counted({ ...cifar, cells: 1 }, twoNodes('skip_connect', 'max_pool_3x3'), 'relu')).toEqual({
      // A skip that reduces begins with one; the map of input 0 has no other reader.
    });
  });
});

describe('additions', () => {
  it('are part of every operation that ends in no convolution, but for one a node', () => {
    const single = { ...cifar, cells: 2 };
    // Cells 0 and 1 are the reductions of a network of two cells.
    const parts = counted(single, twoNodes('sep_conv_3x3', 'sep_conv_3x3'), 'primitive');
    expect(Object.keys(parts).filter((key) => key.startsWith('skip_connect'))).toEqual([]);
    const pooled = counted(single, twoNodes('sep_conv_3x3', 'max_pool_3x3'), 'primitive');
    expect(pooled['skip_connect 72->72 16x16/1']).toBe(-2);
  });
});

describe('the parts of a space', () => {
  it.each([
    ['cifar', cifar],
    ['imagenet', imagenet],
  ])('hold all that any genotype of the %s network needs', (_, network) => {
    const known = new Set(partsOfSpace(network, DARTS_SPACE).map(partKey));
    for (const name of ['DARTS_V2', 'DATA_M4', 'DATA_M7'])
      for (const { part } of networkParts(network, zooEntry(name).genotype))
        expect(known).toContain(partKey(part));
  });

  it('are 7 operations at 5 places in the CIFAR network', () => {
    const parts = partsOfSpace(cifar, DARTS_SPACE);
    expect(parts.filter(({ part }) => part === 'primitive')).toHaveLength(7 * 5);
    const places = new Set(
      parts
        .filter(({ part }) => part === 'primitive')
        .map(({ channels, height, width, stride }) => `${channels} ${height}x${width}/${stride}`),
    );
    expect([...places].sort()).toEqual([
      '144 16x16/2',
      '144 8x8/1',
      '36 32x32/1',
      '72 16x16/1',
      '72 32x32/2',
    ]);
  });

  it('have the addition of nodes even where no operation of the space is one', () => {
    const parts = partsOfSpace(
      { ...cifar, cells: 3 },
      convolutionalSpace('small', { nodes: 2, primitives: ['none', 'max_pool_3x3'] }),
    );
    const additions = parts.filter(({ operation }) => operation === 'skip_connect').map(partKey);
    expect(additions.sort()).toEqual([
      'primitive skip_connect 144->144 8x8/1',
      'primitive skip_connect 36->36 32x32/1',
      'primitive skip_connect 72->72 16x16/1',
    ]);
  });
});

it('cells halve at one and two thirds of the depth', () => {
  const extents = cellExtents(cifar);
  const text = extents.map(({ input, inner }) => `${input.channels} ${input.height} ${inner.width}`);
  expect(text).toEqual([
    ...Array(6).fill('36 32 32'),
    '72 32 16',
    ...Array(6).fill('72 16 16'),
    '144 16 8',
    ...Array(6).fill('144 8 8'),
  ]);
});
