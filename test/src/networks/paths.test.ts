import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { evaluationNetwork } from '../../../src/networks/evaluation.js';
import {
  cellOfParameter,
  isCandidateName,
  type Place,
  parameterName,
  parsePath,
  printPath,
  step,
} from '../../../src/networks/paths.js';
import { architectureStep } from '../../../src/networks/search-programs.js';
import { convolutionalSpace } from '../../../src/spaces/convolutional.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { imageSupernet } from '../../../src/tasks/classification/supernet.js';

const count = fc.nat(10_000);
const primitive = fc.stringMatching(/^\w{1,12}$/);
const places: fc.Arbitrary<Place> = fc.oneof(
  fc.record({ kind: fc.constantFrom('cell', 'output'), cell: count }),
  fc.record({ kind: fc.constant('preprocess'), cell: count, input: count }),
  fc.record({ kind: fc.constant('node'), cell: count, node: count }),
  fc.record({
    kind: fc.constant('operation'),
    cell: count,
    node: count,
    index: count,
    primitive,
    input: count,
  }),
  fc.record({
    kind: fc.constant('candidate'),
    cell: count,
    node: count,
    edge: count,
    column: count,
    primitive,
  }),
);
/** Steps that the grammar has no meaning for. */
const inside = fc.array(fc.constantFrom('first', 'norm', 'Conv', 'MatMul_2', ''), { maxLength: 3 });

describe('paths', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(places, inside, (place, steps) => {
        expect(parsePath(printPath({ place, inside: steps }))).toEqual({ place, inside: steps });
      }),
    );
  });

  it('are read whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `cells.1/${text}`),
        ),
        (path) => {
          const found = parsePath(path);
          // Leading zeros apart, nothing is lost.
          if (found !== undefined && !/\b0\d/.test(path)) expect(printPath(found)).toBe(path);
        },
      ),
    );
    for (const path of ['', 'stem/conv', 'cells.x', 'cells.1x/node0', 'xcells.1'])
      expect(parsePath(path)).toBeUndefined();
  });

  it('are those of derived networks: every operation is found by its place', () => {
    const { genotype } = zooEntry('DATA_M7');
    const g = new Builder();
    const { logits } = evaluationNetwork(g, g.input('images', [1, 3, 32, 32]), {
      name: 'cifar',
      genotype,
      cells: 3,
      initChannels: 4,
      classes: 10,
      auxiliary: false,
      training: false,
    });
    const found = g
      .build([{ name: 'logits', value: logits }])
      .nodes.flatMap(({ path }) => parsePath(path) ?? []);
    const operations = new Set(
      found.flatMap(({ place }) =>
        place.kind === 'operation' ? [`${place.cell} ${place.node} ${place.primitive} ${place.input}`] : [],
      ),
    );
    // Cells 1 and 2 are reductions; a skip of stride 1 computes nothing.
    const expected = [genotype.normal, genotype.reduce, genotype.reduce].flatMap(({ nodes }, cell) =>
      nodes.flatMap((node, index) =>
        node.flatMap(({ primitive: name, input }) =>
          name === 'skip_connect' && (cell === 0 || input > 1) ? [] : [`${cell} ${index} ${name} ${input}`],
        ),
      ),
    );
    expect(operations).toEqual(new Set(expected));
    expect(new Set(found.map(({ place }) => place.kind))).toEqual(
      new Set(['preprocess', 'operation', 'node', 'output']),
    );
  });

  it('are those of supernets', () => {
    const space = convolutionalSpace('small', {
      nodes: 1,
      primitives: ['none', 'avg_pool_3x3', 'sep_conv_3x3'],
    });
    const supernet = imageSupernet({
      space,
      cells: 1,
      initChannels: 2,
      classes: 2,
      batch: 1,
      image: { channels: 1, height: 8, width: 8 },
    });
    const { nodes } = architectureStep(supernet, 'active').program.graph;
    const regions = nodes
      .filter(({ op }) => op === 'region')
      .flatMap(({ path }) => parsePath(path)?.place ?? []);
    const candidates = [0, 1].flatMap((edge) =>
      space.cellTypes[0]!.primitives.flatMap((name, column) =>
        name === 'none' ? [] : [{ kind: 'candidate', cell: 0, node: 0, edge, column, primitive: name }],
      ),
    );
    for (const candidate of candidates) expect(regions).toContainEqual(candidate);
  });
});

describe('names of parameters', () => {
  it('say which cell they belong to, and whether they are those of a search', () => {
    const operation = `${parameterName.operation(12, 3)}.op.1.weight`;
    const candidate = `${parameterName.candidate(12, 3, 4)}.op.1.weight`;
    expect([operation, candidate]).toEqual([
      'cells.12._ops.3.op.1.weight',
      'cells.12._ops.3._ops.4.op.1.weight',
    ]);
    expect([operation, candidate].map(cellOfParameter)).toEqual([12, 12]);
    expect([operation, candidate].map(isCandidateName)).toEqual([false, true]);
    expect(parameterName.preprocess(0, 1)).toBe(`${step.cell(0)}.preprocess1`);
    expect(['stem.0.weight', 'cells.1234567.x', 'cells.x.1'].map(cellOfParameter)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
