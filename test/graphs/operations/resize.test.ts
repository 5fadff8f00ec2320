// Bilinear interpolation and its gradient: against PyTorch, and the matrices that they are.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { differentiate } from '../../../graphs/differentiate.js';
import { interpret, tensor } from '../../../graphs/interpret/interpret.js';
import { interpolation, resizeMatrix } from '../../../graphs/operations/resize.js';
import { GenonnxError } from '../../../src/errors.js';
import { runOnnx } from '../../support/run-onnx.js';
import { departure, readVisionFixture } from '../../support/segmentation-fixtures.js';
import { defined } from '../../support/tensors.js';

const { tensors } = readVisionFixture('resize');
const cases = [...tensors.keys()].filter((name) => name.endsWith('.x')).map((name) => name.slice(0, -2));
const alignments = { align_corners: 'align-corners', half_pixel: 'half-pixel' } as const;

describe.each(cases)('%s', (name) => {
  it.each(['align_corners', 'half_pixel'] as const)('is what PyTorch computes, %s', async (kind) => {
    const [x, upstream] = [defined(tensors.get(`${name}.x`)), defined(tensors.get(`${name}.upstream`))];
    const g = new Builder();
    const [input, weights] = [g.input('x', x.shape), g.input('upstream', upstream.shape)];
    const [, , rows = 0, columns = 0] = upstream.shape;
    const y = g.resize(input, [rows, columns], alignments[kind]);
    const [dx] = differentiate(g, g.reduceSum(g.mul(y, weights), [0, 1, 2, 3]), [input]);
    const graph = g.build([
      { name: 'y', value: y },
      { name: 'dx', value: defined(dx) },
    ]);
    for (const results of [interpret(graph, { x, upstream }), await runOnnx(graph, { x, upstream })]) {
      for (const output of ['y', 'dx']) {
        const expected = defined(tensors.get(`${name}.${kind}.${output}`));
        const { difference, largest } = departure(defined(results[output]).data, expected.data);
        expect(difference / largest, output).toBeLessThanOrEqual(1e-6);
      }
    }
  });
});

const extent = fc.integer({ min: 1, max: 12 });
const alignment = fc.constantFrom('align-corners' as const, 'half-pixel' as const);

describe('the matrix of an axis', () => {
  it('has rows that sum to 1, of neighbours, from the first pixel to the last', () => {
    fc.assert(
      fc.property(extent, extent, alignment, (from, to, how) => {
        const matrix = resizeMatrix(from, to, how);
        interpolation(from, to, how).forEach(({ before, after, share }, row) => {
          expect(after - before).toBeLessThanOrEqual(1);
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
          const entries = matrix.subarray(row * from, (row + 1) * from);
          expect(entries.reduce((sum, entry) => sum + entry, 0)).toBeCloseTo(1, 12);
        });
      }),
    );
  });

  it('puts every 16th pixel on one of the features where corners are aligned', () => {
    const at = interpolation(33, 513, 'align-corners');
    for (let i = 0; i < 33; i++) {
      const { before, share } = defined(at[16 * i]);
      expect(before + share).toBeCloseTo(i, 12);
    }
  });
});

it('changes nothing where nothing changes, and refuses to make nothing', () => {
  const x = tensor([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
  for (const how of ['align-corners', 'half-pixel'] as const) {
    const g = new Builder();
    const input = g.input('x', x.shape);
    const graph = g.build([{ name: 'y', value: g.resize(input, [2, 3], how) }]);
    expect(interpret(graph, { x }).y).toEqual(x);
    expect(() => g.resize(input, [0, 3], how)).toThrow(GenonnxError);
  }
});
