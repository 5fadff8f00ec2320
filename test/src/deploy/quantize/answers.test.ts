import { describe, expect, it } from 'vitest';
import { tensor } from '../../../../graphs/interpret/interpret.js';
import { answersOf, departure } from '../../../../src/deploy/quantize/answers.js';
import { modelOf } from '../../../graphs/onnx/quantize/small-models.js';

const identity = modelOf(['N', 3], [['Identity', ['x'], 'y']]);
const batch = (rows: readonly (readonly number[])[], labels: readonly number[]) => ({
  images: { data: Float32Array.from(rows.flat()), dims: [rows.length, 3] },
  labels,
});

describe('answersOf', () => {
  it('counts labelled images whose largest logit is right, and leaves out what only fills up', async () => {
    const batches = [
      batch(
        [
          [1, 2, 0],
          [3, 2, 1],
        ],
        [1, 1],
      ),
      batch(
        [
          [0, 0, 5],
          [9, 9, 9],
        ],
        [2],
      ),
    ];
    const { logits, accuracy } = await answersOf(identity, batches);
    expect(logits.shape).toEqual([3, 3]);
    expect([...logits.data]).toEqual([1, 2, 0, 3, 2, 1, 0, 0, 5]);
    expect(accuracy).toBeCloseTo(2 / 3);
  });

  it('prefers the output that is called logits', async () => {
    const two = modelOf(
      ['N', 3],
      [
        ['Neg', ['x'], 'y'],
        ['Identity', ['x'], 'logits'],
      ],
    );
    two.graph?.output?.push({ ...two.graph.output[0], name: 'logits' });
    expect([...(await answersOf(two, [batch([[1, 2, 0]], [1])])).logits.data]).toEqual([1, 2, 0]);
  });

  it('refuses what yields no logits', async () => {
    await expect(answersOf(identity, [])).rejects.toMatchObject({ code: 'model-corrupt' });
    const sum = modelOf(['N', 3], [['ReduceSum', ['x'], 'y', { keepdims: 0 }]]);
    await expect(answersOf(sum, [batch([[1, 2, 3]], [0])])).rejects.toThrow(/no logits/);
  });
});

describe('departure', () => {
  it('is measured against the largest logit and their mean square', () => {
    const answers = (...data: number[]) => ({ logits: tensor([2, 2], data), accuracy: 1 });
    expect(departure(answers(1, -2, 8, 0), answers(1, -2.5, 8, 1))).toEqual({
      images: 2,
      largestRelativeDifference: 0.125,
      topOneAgreement: 1,
      relativeSquaredError: 1.25 / 69,
    });
    expect(departure(answers(0, 0, 0, 0), answers(0, 0, 0, 0)).relativeSquaredError).toBe(0);
  });
});
