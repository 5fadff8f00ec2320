import { describe, expect, it } from 'vitest';
import { compareResults, obstaclesBetween, refusalOf } from '../../../src/bench/compare.js';
import type { Receipt } from '../../../src/bench/receipt.js';
import { receiptOf } from '../../../src/bench/results.js';
import { measurementOf, resultsOf } from './results-case.js';

const before = resultsOf([measurementOf([[4], [5], [4]])]);
const base = receiptOf(before, before.measurements[0]!);
const { device, runtime, model, execution } = base;
const [gpu] = device.gpus!;
const placement = { ...execution.placement!, providers: [{ provider: 'X', nodes: 1, timeShare: 1 }] };

describe('obstaclesBetween', () => {
  it('finds none between a receipt and itself, nor in what does not matter', () => {
    expect(obstaclesBetween(base, base)).toEqual([]);
    const otherwise = {
      ...base,
      runtime: { ...runtime, host: 'v22' },
      device: { ...device, memoryBytes: 2 ** 34 - 5e6 },
    };
    expect(obstaclesBetween(base, otherwise)).toEqual([]);
  });

  it.each<[string, Partial<Receipt>, string, string]>([
    ['platform', { device: { ...device, platform: 'darwin arm64' } }, 'linux x64', 'darwin arm64'],
    [
      'processor',
      { device: { ...device, processor: { ...device.processor, model: 'B' } } },
      'A processor',
      'B',
    ],
    [
      'processor flags',
      { device: { ...device, processor: { ...device.processor, flags: null } } },
      'avx2, fma',
      'unknown',
    ],
    ['cores', { device: { ...device, processor: { ...device.processor, cores: 8 } } }, '4', '8'],
    [
      'available cores',
      { device: { ...device, processor: { ...device.processor, availableCores: 1 } } },
      '2',
      '1',
    ],
    ['memory in GiB', { device: { ...device, memoryBytes: 2 ** 35 } }, '16', '32'],
    ['GPUs', { device: { ...device, gpus: [{ ...gpu!, name: 'H' }] } }, 'A GPU', 'H'],
    ['GPU driver', { device: { ...device, gpus: [{ ...gpu!, driver: '1' }] } }, '550.54', '1'],
    ['CUDA', { device: { ...device, cudaRuntime: null } }, '12.8.90', 'unknown'],
    ['cuDNN', { device: { ...device, cudnn: '8' } }, '9.1.0', '8'],
    ['runtime', { runtime: { ...runtime, name: 'web' } }, 'onnxruntime-node', 'web'],
    ['runtime version', { runtime: { ...runtime, version: '1.29.0' } }, '1.30.0', '1.29.0'],
    ['threads', { execution: { ...execution, threads: 1 } }, '2', '1'],
    ['TF32', { execution: { ...execution, tf32: 'off' } }, 'unknown', 'off'],
    ['providers that ran', { execution: { ...execution, placement } }, 'CPUExecutionProvider', 'X'],
    ['model hash', { model: { ...model, sha256: 'b'.repeat(64) } }, 'a'.repeat(64), 'b'.repeat(64)],
  ])('refuses another %s, and nothing else', (what, changes, was, is) => {
    expect(obstaclesBetween(base, { ...base, ...changes })).toEqual([{ what, before: was, after: is }]);
  });
});

describe('obstaclesBetween in browsers and on devices', () => {
  const inBrowser = (host: string): Receipt => ({
    ...base,
    runtime: { ...runtime, host },
    execution: { ...execution, asked: 'web-webgpu' },
  });

  it('refuses another browser, or another adapter', () => {
    const [one, other] = [
      'Chromium 156 (webgpu: google swiftshader, software)',
      'Chromium 156 (webgpu: nvidia hopper)',
    ];
    expect(obstaclesBetween(inBrowser(one), inBrowser(one))).toEqual([]);
    expect(obstaclesBetween(inBrowser(one), inBrowser(other))).toEqual([
      { what: 'browser', before: one, after: other },
    ]);
  });

  it('refuses devices that nobody knows', () => {
    const onDevice = { ...base, execution: { ...execution, asked: 'webgpu' as const } };
    expect(obstaclesBetween(onDevice, onDevice)).toEqual([]);
    const unknown = { ...onDevice, device: { ...device, gpus: null } };
    expect(obstaclesBetween(unknown, unknown)).toEqual([
      { what: 'the device that ran', before: 'unknown', after: 'unknown' },
    ]);
    expect(
      obstaclesBetween({ ...base, device: unknown.device }, { ...base, device: unknown.device }),
    ).toEqual([]);
  });
});

describe('compareResults', () => {
  it('gives the ratio of what both have, and names what only one has', () => {
    const small = measurementOf([[2], [2.5], [2]]);
    const large = measurementOf([[9]], { execution: { ...execution, batch: 64 } });
    const after = resultsOf([large, small]);
    const { comparisons, onlyBefore, onlyAfter } = compareResults(before, after);
    expect(comparisons).toHaveLength(1);
    expect(comparisons[0]).toMatchObject({
      model: 'model.onnx',
      batch: 1,
      precision: 'float32',
      provider: 'cpu',
    });
    expect(comparisons[0]?.ratio?.ratio).toBeCloseTo(0.5, 12);
    expect(comparisons[0]?.ratio?.interval?.[0]).toBeLessThan(0.5);
    expect(comparisons[0]?.ratio?.interval?.[1]).toBeGreaterThan(0.5);
    expect([onlyBefore, onlyAfter]).toEqual([[], ['model.onnx, as given, 64, float32, all, cpu']]);
    expect(compareResults(after, before).onlyBefore).toEqual(['model.onnx, as given, 64, float32, all, cpu']);
    expect(refusalOf(compareResults(before, after))).toBeUndefined();
  });

  it('refuses receipts of different devices, with the reason', () => {
    const processor = { ...device.processor, model: 'Another' };
    const elsewhere = resultsOf(before.measurements, { device: { ...device, processor } });
    const comparison = compareResults(before, elsewhere);
    expect(comparison.comparisons[0]?.ratio).toBeNull();
    const refusal = refusalOf(comparison);
    expect(refusal?.code).toBe('usage');
    expect(refusal?.details.found).toBe('processor: A processor before, Another after');
  });

  it('refuses results without anything in common', () => {
    const other = resultsOf([measurementOf([[1]], { model: { ...model, path: 'other.onnx' } })]);
    expect(refusalOf(compareResults(before, other))?.message).toContain('no measurement in common');
  });

  it('refuses a measurement that is there twice', () => {
    const twice = resultsOf([...before.measurements, ...before.measurements]);
    expect(() => compareResults(twice, before)).toThrow(/twice/);
  });

  it('takes a measurement with other threads for another one, where a file has both', () => {
    const measured = measurementOf([[1], [1]]);
    const alone = { ...measured, execution: { ...measured.execution, threads: 1 } };
    const both = resultsOf([measured, alone]);
    const { comparisons } = compareResults(both, both);
    expect(comparisons.map(({ ratio }) => ratio?.ratio)).toEqual([1, 1]);
  });
});
