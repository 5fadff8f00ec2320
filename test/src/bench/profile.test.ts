import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { readProfile } from '../../../src/bench/profile.js';
import { placementOf, timeBreakdown } from '../../../src/bench/profile-summary.js';
import { GenonnxError } from '../../../src/errors.js';
import { freshFolder } from '../../e2e/command.js';
import { smallModel } from '../../support/small-model.js';
import { allCpu, allCuda, mixed, profileText } from './recorded-profiles.js';

const corrupt = expect.objectContaining({ code: 'file-corrupt' });

describe('readProfile', () => {
  it('lists each node once, with the time of the counted runs', () => {
    const { runs, nodes } = readProfile(profileText(allCuda, 4), 'recorded');
    expect(runs).toBe(3);
    expect(nodes.map(({ name }) => name)).toEqual(allCuda.map(({ name }) => name));
    expect(nodes[0]).toEqual({
      name: 'stem/conv/Conv',
      operator: 'Conv',
      provider: 'CUDAExecutionProvider',
      timeMs: expect.closeTo(0.3, 9),
    });
  });

  it('counts the first run where nobody asks for warm-up', () => {
    const { runs, nodes } = readProfile(profileText(allCuda, 2), 'recorded', { warmUpRuns: 0 });
    expect(runs).toBe(2);
    expect(nodes[0]?.timeMs).toBeCloseTo(1.1, 9);
  });

  it('keeps nodes of one name apart', () => {
    const [node] = allCpu;
    expect(readProfile(profileText([node!, node!]), 'recorded').nodes).toHaveLength(2);
  });

  it('does not count the time of a branch twice', () => {
    const branch = { name: 'gate/If', operator: 'If', provider: 'CPUExecutionProvider', durationUs: 900 };
    const { nodes } = readProfile(profileText([branch]), 'recorded');
    expect(nodes).toEqual([expect.objectContaining({ operator: 'If', timeMs: 0 })]);
  });

  it('passes over events that are no nodes and fields that it does not know', () => {
    const events: object[] = JSON.parse(profileText(allCpu));
    const kernel = { cat: 'Kernel', name: 'sgemm', ts: 5000, dur: 1, ph: 'X', args: { stream: '7' } };
    const fence = { cat: 'Node', name: 'linear/MatMul_fence_before', ts: 9000, dur: 1, ph: 'X', args: {} };
    const further = [...events, kernel, fence, { ph: 'M', name: 'process_name', args: { name: 'x' } }];
    expect(readProfile(JSON.stringify(further), 'recorded')).toEqual(
      readProfile(profileText(allCpu), 'recorded'),
    );
  });

  it.each([
    ['a file cut short', profileText(allCpu).slice(0, -40)],
    ['another JSON', '{"traceEvents": []}'],
    ['events of another form', '[{"cat": "Node"}]'],
    ['no run behind the warm-up', profileText(allCpu, 1)],
    ['runs without nodes', profileText([])],
    ['nodes without a provider', profileText(allCpu).replaceAll('"provider"', '"supplier"')],
  ])('refuses %s', (_, text) => {
    expect(() => readProfile(text, 'recorded')).toThrow(corrupt);
    expect(() => readProfile(text, 'recorded')).toThrow(/where: +recorded/);
    expect(() => readProfile(text, 'recorded')).toThrow(GenonnxError);
  });
});

describe('placementOf', () => {
  const read = (nodes: typeof mixed) => readProfile(profileText(nodes), 'recorded');

  it('finds nothing wrong where all nodes ran on CUDA', () => {
    expect(placementOf(read(allCuda), 'cuda')).toEqual({
      providers: [{ provider: 'CUDAExecutionProvider', nodes: 6, timeShare: 1 }],
      cpuFallback: { nodes: 0, timeShare: 0, operators: {} },
      copyNodes: 0,
    });
  });

  it('names what fell back, its share of the time, and the copies', () => {
    expect(placementOf(read(mixed), 'cuda')).toEqual({
      providers: [
        { provider: 'CUDAExecutionProvider', nodes: 7, timeShare: expect.closeTo(850 / 1100, 9) },
        { provider: 'CPUExecutionProvider', nodes: 1, timeShare: expect.closeTo(250 / 1100, 9) },
      ],
      cpuFallback: { nodes: 1, timeShare: expect.closeTo(250 / 1100, 9), operators: { AveragePool: 1 } },
      copyNodes: 2,
    });
  });

  it('tells the CPU that was asked for from the CPU that was not', () => {
    expect(placementOf(read(allCpu), 'cpu').cpuFallback.nodes).toBe(0);
    expect(placementOf(read(allCpu), 'web-wasm').cpuFallback.nodes).toBe(0);
    expect(placementOf(read(allCpu), 'cuda').cpuFallback).toEqual({
      nodes: 6,
      timeShare: 1,
      operators: { Conv: 3, Relu: 1, AveragePool: 1, MatMul: 1 },
    });
  });

  it('takes CUDA below TensorRT for no fallback to the CPU, and shows it', () => {
    const placement = placementOf(read(allCuda), 'tensorrt');
    expect(placement.cpuFallback.nodes).toBe(0);
    expect(placement.providers[0]?.provider).toBe('CUDAExecutionProvider');
  });

  it('says 0 of a profile that is too coarse to show any time', () => {
    const timeless = allCpu.map((node) => ({ ...node, durationUs: 0 }));
    expect(placementOf(read(timeless), 'cuda').cpuFallback).toMatchObject({ nodes: 6, timeShare: 0 });
  });
});

describe('timeBreakdown', () => {
  it('adds up one run by operator, primitive and cell', () => {
    const { byOperator, byPrimitive, byCell } = timeBreakdown(
      readProfile(profileText(allCuda, 5), 'recorded'),
    );
    const shown = (parts: typeof byCell) =>
      parts.map(({ name, nodes, timeMs }) => [name, nodes, +timeMs.toFixed(9)]);
    expect(shown(byOperator)).toEqual([
      ['Conv', 3, 0.6],
      ['AveragePool', 1, 0.25],
      ['MatMul', 1, 0.1],
      ['Relu', 1, 0.05],
    ]);
    expect(shown(byPrimitive)).toEqual([
      ['sep_conv_3x3', 2, 0.5],
      ['elsewhere', 3, 0.25],
      ['avg_pool_3x3', 1, 0.25],
    ]);
    expect(shown(byCell)).toEqual([
      ['cells.0', 3, 0.6],
      ['cells.10', 1, 0.2],
      ['elsewhere', 2, 0.2],
    ]);
    expect(byCell[0]?.timeShare).toBeCloseTo(0.6, 9);
  });
});

it('reads what this ONNX Runtime writes of a model of ours', async () => {
  const folder = freshFolder();
  const model = join(folder, 'model.onnx');
  writeFileSync(model, smallModel());
  const session = await ort.InferenceSession.create(model, {
    enableProfiling: true,
    profileFilePrefix: join(folder, 'profile'),
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const images = new ort.Tensor('float32', new Float32Array(2 * 32 * 32).fill(0.5), [2, 1, 32, 32]);
  for (let run = 0; run < 4; run++) await session.run({ images });
  session.endProfiling();
  await session.release();
  const file = readdirSync(folder).find((name) => name.startsWith('profile'));
  const profile = readProfile(readFileSync(join(folder, file!), 'utf8'), file!);
  expect(profile.runs).toBe(3);
  const placement = placementOf(profile, 'cpu');
  expect(placement.providers).toEqual([
    { provider: 'CPUExecutionProvider', nodes: profile.nodes.length, timeShare: 1 },
  ]);
  const { byCell, byPrimitive, byOperator } = timeBreakdown(profile);
  expect(byCell.map(({ name }) => name)).toEqual(['cells.0', 'cells.1', 'cells.2', 'elsewhere']);
  expect(byPrimitive.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['sep_conv_3x3', 'max_pool_3x3']),
  );
  expect(byOperator.find(({ name }) => name === 'Conv')?.timeMs).toBeGreaterThan(0);
});
