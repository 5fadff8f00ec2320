import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../../../src/bench/results.js';
import { operatorsText } from '../../../../src/bench/show/placement-lines.js';
import { benchText } from '../../../../src/bench/show/table.js';
import { summariseLatencies } from '../../../../src/bench/statistics.js';
import { measurementOf, resultsOf } from '../results-case.js';
import { dartsModel, dataModel, noGpu, sampleResults, sixVariants, twentyFour } from './sample-results.js';

describe('benchText', () => {
  it('of one model says everything once', () => {
    expect(benchText(sampleResults([{ model: dartsModel }], noGpu))).toMatchInlineSnapshot(`
      "measured      2026-01-02T03:04:05.678Z by genonnx 0.1.0
      platform      linux x64
      processor     Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz, 8 cores, 4 available
      kernel flags  sse4_2 avx f16c fma avx2 avx512f avx512_vnni avx512_bf16 amx_tile
      memory        31.3 GiB
      GPU           no NVIDIA GPU found
      runtime       onnxruntime-node 1.30.0 (v20.20.2)
      settings      variant as given, provider cpu, precision float32, level all, threads 2, batch 1
      roofline      212 GFLOP/s and 19.4 GB/s, measured here (cpu, 2 threads)
      effort        12 rounds, 108 runs of each counted
      model         darts-v2-cifar.onnx: float32, opset 17, 3.35 M parameters, 528 M multiply-adds, accuracy 97.24 %, 13.4 MB, sha256 b8424438f046

       min  median   p90   p99    images  first run  session  peak           of peak  of roofline
        ms      ms    ms    ms  a second         ms       ms    MB  GFLOP/s        %            %
      7.87    8.19  8.58  8.88       121       24.6      182   193      129     60.9         60.9

      Where the nodes ran
      all 583 nodes on CPUExecutionProvider"
    `);
  });

  it('of several variants has a column for what varies, and ratios to the first', () => {
    expect(benchText(sixVariants())).toMatchInlineSnapshot(`
      "measured      2026-01-02T03:04:05.678Z by genonnx 0.1.0
      platform      linux x64
      processor     Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz, 8 cores, 4 available
      kernel flags  sse4_2 avx f16c fma avx2 avx512f avx512_vnni avx512_bf16 amx_tile
      memory        31.3 GiB
      GPU           no NVIDIA GPU found
      runtime       onnxruntime-node 1.30.0 (v20.20.2)
      settings      provider cpu, level all, threads 2, batch 1
      roofline      212 GFLOP/s and 19.4 GB/s, measured here (cpu, 2 threads)
      effort        12 rounds, 108 runs of each counted
      models        darts-v2-cifar.onnx (as given): float32, opset 17, 3.35 M parameters, 528 M multiply-adds, accuracy 97.24 %, 13.4 MB, sha256 b8424438f046
                    darts-v2-cifar.onnx (folded): float32, opset 17, 3.35 M parameters, 528 M multiply-adds, accuracy 97.24 %, 13.4 MB, sha256 b8424438f046
                    darts-v2-cifar.onnx (folded, one relu): float32, opset 17, 3.35 M parameters, 528 M multiply-adds, accuracy 97.24 %, 13.4 MB, sha256 b8424438f046
                    darts-v2-cifar.onnx (folded, padded): float32, opset 17, 3.35 M parameters, 528 M multiply-adds, accuracy 97.24 %, 13.4 MB, sha256 b8424438f046
                    darts-v2-cifar.onnx (folded, float16): float16, opset 17, 3.35 M parameters, 528 M multiply-adds, accuracy 97.24 %, 13.4 MB, sha256 b8424438f046
                    darts-v2-cifar.onnx (folded, int8): int8, opset 17, 3.35 M parameters, 528 M multiply-adds, accuracy 97.24 %, 13.4 MB, sha256 b8424438f046

                                    min  median   p90   p99    images  ratio to   95 % interval  first run  session  peak           of peak  of roofline
      variant           precision    ms      ms    ms    ms  a second     first    of the ratio         ms       ms    MB  GFLOP/s        %            %
      as given          float32    7.96    8.29  8.69  8.99       120         1               –       24.9      182   193      127     60.1         60.1
      folded            float32    7.26    7.61  7.92  8.13       131     0.914  0.905 to 0.924       22.8      187   193      139     65.5         65.5
      folded, one relu  float32    6.79    7.10  7.42  7.70       140     0.855  0.849 to 0.866       21.3      202   193      149     70.2         70.2
      folded, padded    float32    6.90    7.15  7.48  7.81       139     0.863  0.860 to 0.870       21.5      217   193      148     69.7         69.7
      folded, float16   float16    9.40    9.84  10.3  10.7       101     1.189  1.175 to 1.195       29.5      215   193      107     50.7         50.7
      folded, int8      int8       4.31    4.51  4.72  4.88       221     0.542  0.538 to 0.548       13.5      182   193      234      110          110

      Where the nodes ran
      as given
        all 583 nodes on CPUExecutionProvider
      folded; folded, one relu; folded, padded; folded, float16; folded, int8
        all 503 nodes on CPUExecutionProvider

      Warnings
      - More than the measured peak was achieved by folded, int8 (1.10 times): the peak is that of float32 matrix products, and there are convolutions that take fewer operations than are counted."
    `);
  });

  it('of a GPU says what fell back, what was copied, and TF32', () => {
    const results = sampleResults([
      { model: dartsModel, provider: 'cuda', pace: 0.9 },
      { model: dataModel, provider: 'cuda', pace: 0.8, fallback: true },
      { model: dataModel, provider: 'web-wasm', pace: 21, profiled: false },
    ]);
    expect(benchText(results)).toMatchInlineSnapshot(`
      "measured      2026-01-02T03:04:05.678Z by genonnx 0.1.0
      platform      linux x64
      processor     A processor, 4 cores, 2 available
      kernel flags  avx2 fma
      memory        16.0 GiB
      GPU           A GPU, 8.0 GiB, compute capability 9.0, driver 550.54
                    CUDA 12.8.90 (driver: up to 12.4), cuDNN 9.1.0
      runtime       onnxruntime-node 1.30.0 (v20.20.2): cuda
                    onnxruntime-web 1.30.0 (Chromium 149): web-wasm
      settings      variant as given, precision float32, level all, threads 2, batch 1
      roofline      48900 GFLOP/s and 2710 GB/s, measured here (cuda, 2 threads)
      effort        12 rounds, 108 runs of each counted
      models        darts-v2-cifar.onnx: float32, opset 17, 3.35 M parameters, 528 M multiply-adds, accuracy 97.24 %, 13.4 MB, sha256 b8424438f046
                    data-m7-cifar.onnx: float32, opset 17, 3.41 M parameters, 517 M multiply-adds, accuracy 97.41 %, 13.6 MB, sha256 b8424438f01a

                                       min  median    p90    p99    images  ratio to   95 % interval  first run  session  peak           of peak  of roofline
      model                provider     ms      ms     ms     ms  a second     first    of the ratio         ms       ms    MB  GFLOP/s        %            %
      darts-v2-cifar.onnx  cuda      0.885   0.921  0.966  0.999      1079         1               –       2.76      182   193     1147     2.35         2.40
      data-m7-cifar.onnx   cuda      0.785   0.823  0.857  0.879      1214     0.890  0.880 to 0.899       2.47      194   193     1255     2.57         2.69
      data-m7-cifar.onnx   web-wasm   20.6    21.6   22.5   23.0      46.2      23.3    23.2 to 23.5       64.7      215     –        –        –            –

      Where the nodes ran
      darts-v2-cifar.onnx, cuda
        all 583 nodes on CUDAExecutionProvider
        TF32 allowed for float32
        latencies include copying inputs and outputs between host and device
      data-m7-cifar.onnx, cuda
        603 nodes on CUDAExecutionProvider (96.6 % of the time), 20 nodes on CPUExecutionProvider (3.4 % of the time)
        fell back to the CPU: 20 nodes, 3.4 % of the time: 20 MaxPool
        shares are of what the host spends: kernels of a device are started, not awaited
        40 copies between device and host
        TF32 allowed for float32
        latencies include copying inputs and outputs between host and device
      data-m7-cifar.onnx, web-wasm
        the runtime gives no profile: where the nodes ran is not known

      Warnings
      - Nodes fell back to the CPU for data-m7-cifar.onnx, cuda (20 nodes): this is not a measurement of the provider that was asked for alone.
      - Tensors are copied between device and host inside of data-m7-cifar.onnx, cuda (40 copies).
      - TF32 was allowed for cuda: float32 may have been multiplied with 10 bits of mantissa (NVIDIA_TF32_OVERRIDE=0 forbids it)."
    `);
  });

  it('has one line for each of many', () => {
    const text = benchText(twentyFour());
    expect(text.match(/^\S+\.onnx {2,}(?:cpu|cuda|tensorrt|web-wasm) .*$/gm)).toHaveLength(24);
    expect(text).toMatch(/^cuda\n {2}all 583 nodes on CUDAExecutionProvider$/m);
    expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
    expect(text).not.toMatch(/[ \t]$/m);
  });

  it('lists what could not be measured, with its error', () => {
    const failures = [
      {
        model: 'b.onnx',
        candidate: { variant: 'folded', asked: 'cpu', optimization: 'all', threads: 2, batch: 8 } as const,
        code: 'usage' as const,
        message: 'The model does not run with this batch.\n  where:    --batch 8',
      },
      { model: 'c.onnx', candidate: null, code: null, message: 'odd' },
    ];
    const text = benchText(resultsOf([measurementOf([[1, 2]])], { failures }));
    expect(text).toContain(
      `
Not measured
- b.onnx (folded, cpu, batch 8, 2 threads, level all)
    The model does not run with this batch.
      where:    --batch 8
- c.onnx
    odd

Warnings
- 2 candidates could not be measured; the others were, without them.
`,
    );
    expect(benchText(resultsOf([measurementOf([[1, 2]])]))).not.toContain('Not measured');
  });

  it('leaves out columns without a figure, and says what is not known', () => {
    const bare = measurementOf([[1, 2]], { achieved: null, peakMemoryBytes: null, roofline: null });
    const { device } = resultsOf([bare]);
    const processor = { ...device.processor, flags: null };
    const text = benchText(resultsOf([bare], { device: { ...device, processor, gpus: [] } }));
    expect(text).not.toMatch(/GFLOP|peak|ratio|host copy/);
    expect(text).toMatch(/^roofline +not measured$/m);
    expect(benchText(resultsOf([{ ...bare, withheld: 'unsteady' }]))).toMatch(
      /^roofline +left out: its measurements disagree$/m,
    );
    expect(text).toMatch(/^kernel flags +the system does not tell$/m);
    expect(text).toMatch(/^GPU +no NVIDIA GPU found$/m);
    expect(benchText(resultsOf([{ ...bare, hostCopyMs: 0.25 }]))).toMatch(/host copy/);
  });
});

it('lists the most frequent operator first, and others by name', () => {
  expect(operatorsText({ Conv: 1, Slice: 2, Add: 1 })).toBe('2 Slice, 1 Add, 1 Conv');
});

describe('warnings', () => {
  const ran = (roundsMs: number[][], changes: Partial<Measurement> = {}): Measurement =>
    measurementOf(roundsMs, { summary: summariseLatencies(roundsMs.flat(), 1), ...changes });
  const calm = Array.from({ length: 6 }, () => [10, 10.1, 10.2]);
  const { execution } = ran(calm);
  const warningsOf = (...measurements: Measurement[]): string[] =>
    benchText(resultsOf(measurements))
      .split('\nWarnings\n')
      .slice(1)
      .flatMap((text) => text.split('\n'));

  it('are none where nothing is wrong', () => {
    expect(warningsOf(ran(calm), ran(calm))).toEqual([]);
  });

  it.each<[string, Measurement[], RegExp]>([
    ['one round', [ran([[10, 10.1]])], /^- Only one round has no confidence interval/],
    ['few rounds', [ran(calm.slice(0, 4))], /^- Only 4 rounds/],
    [
      'other numbers of rounds',
      [ran([...calm, [10]]), ran(calm)],
      /^- The measurements of a batch have different numbers of rounds/,
    ],
    [
      'a wide interval',
      [ran([...calm, [10.1]]), ran([[9.2], [11], [9.2], [11], [9.2], [11], [9.2]])],
      /^- The ratio is not known well for model\.onnx #2 \(within \d+(\.\d+)? %\)/,
    ],
    ['a long tail', [ran([...calm, [10, 10, 40]])], /^- p99 .* model\.onnx \(3\.96 times\)/],
    [
      'rounds that differ',
      [ran([...calm, [13, 13, 13]])],
      /^- The rounds differ for model\.onnx \(medians of 10\.1 to 13\.0 ms\)/,
    ],
    [
      'more threads than cores',
      [ran(calm, { execution: { ...execution, threads: 3 } })],
      /^- Only 2 of the asked threads have a core .* model\.onnx \(3 threads\)\.$/,
    ],
    [
      'more than the peak',
      [ran(calm, { achieved: { gflops: 120, shareOfPeak: 1.2, shareOfRoofline: null } })],
      /^- More than the measured peak was achieved by model\.onnx \(1\.20 times\)/,
    ],
    [
      'peaks that could not be measured',
      [ran(calm, { withheld: 'unmeasured' })],
      /^- No share of the peak for model\.onnx: .* could not be measured/,
    ],
    [
      'peaks that disagree',
      [ran(calm, { withheld: 'unsteady' })],
      /^- No share of the peak for model\.onnx: .* no two agree: .* quiet\.$/,
    ],
    [
      'an impossible share of the peak',
      [ran(calm, { withheld: 'peak-exceeded' })],
      /^- No share of the peak for model\.onnx: it computed more .* quiet\.$/,
    ],
    [
      'an impossible share of the roofline',
      [ran(calm), ran(calm, { withheld: 'bandwidth-exceeded' })],
      /^- No share of the roofline for model\.onnx #2: it moved more .* caches/,
    ],
    [
      'TF32',
      [ran(calm, { execution: { ...execution, asked: 'cuda', tf32: 'allowed' } })],
      /^- TF32 was allowed for model\.onnx:/,
    ],
    [
      'fallen nodes',
      [
        ran(calm, {
          execution: {
            ...execution,
            asked: 'cuda',
            placement: {
              providers: [{ provider: 'CPUExecutionProvider', nodes: 3, timeShare: 1 }],
              cpuFallback: { nodes: 3, timeShare: 1, operators: { Conv: 1, Add: 2 } },
              copyNodes: 0,
            },
          },
        }),
      ],
      /^- Nodes fell back to the CPU for model\.onnx \(3 nodes\)/,
    ],
    [
      'copies',
      [
        ran(calm, {
          execution: { ...execution, placement: { ...execution.placement!, copyNodes: 2 } },
        }),
      ],
      /^- Tensors are copied .* model\.onnx \(2 copies\)\.$/,
    ],
  ])('tell of %s, and of nothing else', (_, measurements, expected) => {
    const warnings = warningsOf(...measurements);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(expected);
  });

  it('of all alike are one sentence', () => {
    const slow = ran([...calm.slice(1), [10, 10, 40]]);
    expect(warningsOf(slow, slow)[0]).toContain('for all measurements (3.96 times)');
  });
});
