import { describe, expect, it } from 'vitest';
import { dataFactsIn, parseLabels, requireLabels, requireNormalisation } from '../../../src/deploy/labels.js';
import { refusal } from '../runs/helpers.js';

describe('dataFactsIn', () => {
  const facts = (entries: Record<string, string>) => dataFactsIn(new Map(Object.entries(entries)), 'm.onnx');

  it('reads what a model says of its data, and nothing where it says nothing', () => {
    const normalisation = { mean: [0.5], standardDeviation: [0.25] };
    expect(facts({})).toEqual({});
    expect(facts({ classes: '["a","b"]', normalisation: JSON.stringify(normalisation), seed: '1' })).toEqual({
      classes: ['a', 'b'],
      normalisation,
    });
  });

  it.each([
    { classes: 'a,b' },
    { classes: '[1]' },
    { normalisation: '{"mean":[1]}' },
    { normalisation: '{"mean":[1],"standardDeviation":[0]}' },
  ])('refuses %j', async (entries: Record<string, string>) => {
    expect((await refusal('model-corrupt', () => facts(entries))).message).toContain('m.onnx: metadata');
  });
});

describe('parseLabels', () => {
  it('reads lines and JSON lists', () => {
    expect(parseLabels('cat\r\ndog\n\n')).toEqual(['cat', 'dog']);
    expect(parseLabels('["cat, tame", "dog"]')).toEqual(['cat, tame', 'dog']);
  });
});

describe('requireLabels', () => {
  it('wants one for each class', async () => {
    expect(() => requireLabels(['cat', 'dog'], 2)).not.toThrow();
    expect((await refusal('usage', () => requireLabels(['cat'], 2))).message).toContain('2 labels');
  });
});

describe('requireNormalisation', () => {
  it('wants a mean and a positive deviation for each channel', async () => {
    expect(() => requireNormalisation({ mean: [0.5], standardDeviation: [0.2] }, 1)).not.toThrow();
    for (const [mean, standardDeviation] of [
      [[0.5], [0.2, 0.2]],
      [[0.5, 0.5], [0.2]],
      [
        [0.5, 0.5],
        [0.2, 0],
      ],
    ] as const)
      await refusal('usage', () => requireNormalisation({ mean, standardDeviation }, 2));
  });
});
