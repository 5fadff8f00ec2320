// Results of one model, as a machine without a GPU would give them; every test changes what it is about.
import { asGiven, type BenchResults, type Measurement } from '../../../src/bench/results.js';
import { summariseLatencies } from '../../../src/bench/statistics.js';

export function measurementOf(roundsMs: number[][], changes: Partial<Measurement> = {}): Measurement {
  return {
    model: {
      path: 'model.onnx',
      sha256: 'a'.repeat(64),
      sizeBytes: 1000,
      precision: 'float32',
      opset: 17,
      macs: 1e6,
      parameters: 250,
      scores: {},
    },
    variant: asGiven,
    runtime: { name: 'onnxruntime-node', version: '1.30.0', host: 'v20.20.2' },
    execution: {
      asked: 'cpu',
      optimization: 'all',
      threads: 2,
      batch: 1,
      tf32: null,
      placement: {
        providers: [{ provider: 'CPUExecutionProvider', nodes: 9, timeShare: 1 }],
        cpuFallback: { nodes: 0, timeShare: 0, operators: {} },
        copyNodes: 0,
      },
    },
    sessionMs: 12,
    firstRunMs: 9,
    warmUpRuns: 20,
    roundsMs,
    summary: summariseLatencies(roundsMs.flat(), 1),
    hostCopyMs: null,
    peakMemoryBytes: 1e8,
    roofline: { peakGflops: 100, peakGbytesPerSecond: 10, threads: 2 },
    achieved: { gflops: 1, shareOfPeak: 0.1, shareOfRoofline: null },
    time: null,
    ...changes,
  };
}

export function resultsOf(measurements: Measurement[], changes: Partial<BenchResults> = {}): BenchResults {
  return {
    format: 2,
    tool: 'genonnx 0.1.0',
    measuredAt: '2026-01-02T03:04:05.678Z',
    device: {
      platform: 'linux x64',
      processor: { model: 'A processor', flags: ['avx2', 'fma'], cores: 4, availableCores: 2 },
      memoryBytes: 2 ** 34,
      gpus: [{ name: 'A GPU', driver: '550.54', memoryBytes: 2 ** 33, computeCapability: '9.0' }],
      cudaOfDriver: '12.4',
      cudaRuntime: '12.8.90',
      cudnn: '9.1.0',
    },
    measurements,
    failures: [],
    ...changes,
  };
}
