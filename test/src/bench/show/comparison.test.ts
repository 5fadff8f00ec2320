import { describe, expect, it } from 'vitest';
import { compareResults } from '../../../../src/bench/compare.js';
import type { BenchResults } from '../../../../src/bench/results.js';
import { comparisonText, verdict } from '../../../../src/bench/show/comparison.js';
import { dartsModel, dataModel, noGpu, type SampleCase, sampleResults } from './sample-results.js';

const measured = (cases: readonly SampleCase[], changes: Partial<BenchResults> = noGpu): BenchResults =>
  sampleResults(cases, changes);

describe('comparisonText', () => {
  it('says faster, slower, or that no difference was shown', () => {
    const before = measured([
      { model: dartsModel },
      { model: dartsModel, batch: 64 },
      { model: dataModel },
      { model: dataModel, batch: 8 },
    ]);
    const after = measured([
      { model: dartsModel, pace: 6.2 },
      { model: dartsModel, batch: 64, pace: 8.9 },
      { model: dataModel, pace: 8.02 },
      { model: dataModel, variant: 'folded' },
    ]);
    expect(comparisonText(compareResults(before, after))).toMatchInlineSnapshot(`
      "model                variant   provider  precision  level  batch  ratio   95 % interval
      darts-v2-cifar.onnx  as given  cpu       float32    all        1  0.775  0.760 to 0.790  faster: 22 % less time
      darts-v2-cifar.onnx  as given  cpu       float32    all       64  1.112  1.093 to 1.133  slower: 11 % more time
      data-m7-cifar.onnx   as given  cpu       float32    all        1  1.002  0.984 to 1.021  no difference shown

      Ratio: latency after over latency before, with its 95 % interval. The two were measured at different times:
      what changed on the machine in between is in the ratio and not in the interval.

      Only in the file before
      - models/data-m7-cifar.onnx, as given, 8, float32, all, cpu

      Only in the file after
      - models/data-m7-cifar.onnx, folded, 1, float32, all, cpu"
    `);
  });

  it('says what is in the way, once', () => {
    const cases = [{ model: dartsModel }, { model: dataModel }];
    const elsewhere = compareResults(measured(cases), measured(cases, {}));
    expect(comparisonText(elsewhere)).toMatchInlineSnapshot(`
      "model                variant   provider  precision  level  batch  ratio  95 % interval
      darts-v2-cifar.onnx  as given  cpu       float32    all        1      –              –  not comparable
      data-m7-cifar.onnx   as given  cpu       float32    all        1      –              –  not comparable

      Why they do not compare
      - processor: Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz before, A processor after
      - processor flags: sse4_2, avx, f16c, fma, avx2, avx512f, avx512_vnni, avx512_bf16, amx_tile before, avx2, fma after
      - cores: 8 before, 4 after
      - available cores: 4 before, 2 after
      - memory in GiB: 31 before, 16 after
      - GPUs: unknown before, A GPU after
      - GPU driver: unknown before, 550.54 after
      - CUDA: unknown before, 12.8.90 after
      - cuDNN: unknown before, 9.1.0 after"
    `);
    const threads = compareResults(
      measured(cases),
      measured([{ model: dartsModel, threads: 1 }, ...cases.slice(1)]),
    );
    expect(comparisonText(threads)).toContain('- threads: 2 before, 1 after (1 of 2)');
  });

  it('says that nothing is in both', () => {
    const nothing = compareResults(measured([{ model: dartsModel }]), measured([{ model: dataModel }]));
    expect(comparisonText(nothing)).toMatchInlineSnapshot(`
      "The files have no measurement in common.

      Only in the file before
      - models/darts-v2-cifar.onnx, as given, 1, float32, all, cpu

      Only in the file after
      - models/data-m7-cifar.onnx, as given, 1, float32, all, cpu"
    `);
  });
});

describe('verdict', () => {
  it.each([
    [{ ratio: 0.8, interval: [0.7, 0.9] as const, rounds: 9 }, 'faster: 20 % less time'],
    [{ ratio: 1.025, interval: [1.01, 1.04] as const, rounds: 9 }, 'slower: 2.5 % more time'],
    [{ ratio: 0.5, interval: [0.2, 1] as const, rounds: 2 }, 'no difference shown'],
    [{ ratio: 1.5, interval: [1, 2.2] as const, rounds: 2 }, 'no difference shown'],
    [{ ratio: 0.5, interval: null, rounds: 1 }, 'too few rounds to tell'],
  ])('of %o is %s', (ratio, words) => {
    expect(verdict(ratio)).toBe(words);
  });
});
