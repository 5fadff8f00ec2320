import { describe, expect, it } from 'vitest';
import type { Placement } from '../../src/bench/profile-summary.js';
import type { Execution } from '../../src/bench/receipt.js';
import type { BenchResults } from '../../src/bench/results.js';
import { measurementOf, resultsOf } from '../src/bench/results-case.js';
import {
  agreement,
  installFailure,
  line,
  namedFallback,
  neededLibraries,
  notStarted,
  placement,
  refusal,
  summary,
  unexpectedEnd,
} from './verdicts.mjs';

const cuda = 'CUDAExecutionProvider';
const cpu = 'CPUExecutionProvider';

/** Nodes by provider; what the CPU has of them is a fallback. */
function placed(nodes: Readonly<Record<string, number>>, operators: Record<string, number> = {}): Placement {
  return {
    providers: Object.entries(nodes).map(([provider, count]) => ({ provider, nodes: count, timeShare: 0.5 })),
    cpuFallback: { nodes: nodes[cpu] ?? 0, timeShare: 0, operators },
    copyNodes: 0,
  };
}

function onGpu(...executions: Partial<Execution>[]): BenchResults {
  const base = measurementOf([[3], [3]]).execution;
  return resultsOf(
    executions.map((changes) =>
      measurementOf([[3], [3]], {
        execution: { ...base, asked: 'cuda', tf32: 'allowed', placement: placed({ [cuda]: 9 }), ...changes },
      }),
    ),
  );
}

describe('placement', () => {
  const expected = { provider: cuda, batches: [1, 8], tf32: 'allowed' as const };

  it('is content where all nodes of all batches ran on the provider', () => {
    expect(placement(onGpu({ batch: 1 }, { batch: 8 }), expected)).toEqual({
      outcome: 'ok',
      text: `all on ${cuda}: batch 1 3.00 ms, 9 nodes; batch 8 3.00 ms, 9 nodes`,
    });
  });

  it.each<[string, Partial<Execution>, string]>([
    [
      'a node on the CPU',
      { placement: placed({ [cuda]: 8, [cpu]: 1 }) },
      'batch 8: 1 nodes on CPUExecutionProvider',
    ],
    ['no node on the provider', { placement: placed({ [cpu]: 9 }) }, `batch 8: no node on ${cuda}`],
    ['no profile', { placement: null }, 'batch 8: the runtime gave no profile'],
    ['TF32 otherwise than asked', { tf32: 'off' }, 'batch 8: TF32 off instead of allowed'],
    ['another batch', { batch: 9 }, 'measured batches 1, 9 instead of 1, 8'],
  ])('fails for %s', (_, changes, text) => {
    const verdict = placement(onGpu({ batch: 1 }, { batch: 8, ...changes }), expected);
    expect(verdict.outcome).toBe('failed');
    expect(verdict.text).toContain(text);
  });
});

describe('refusal', () => {
  const stderr =
    'error: The provider does not take every node of this model: the rest would run on the CPU.\n  where:    --provider cuda\n';

  it('wants exit code 1, because of a fallback', () => {
    expect(refusal({ exitCode: 1, stderr }).outcome).toBe('ok');
    const byProfile =
      'error: Nodes ran on another provider than the one that was asked for.\n  found:    1 nodes';
    expect(refusal({ exitCode: 1, stderr: byProfile }).outcome).toBe('ok');
  });

  it('fails for another exit code, or another reason', () => {
    expect(refusal({ exitCode: 0, stderr: '' })).toEqual({
      outcome: 'failed',
      text: 'exit code 0 instead of 1',
    });
    expect(refusal({ exitCode: 1, stderr: 'error: Outputs differ.' })).toEqual({
      outcome: 'failed',
      text: 'exit code 1, but not because of a fallback: Outputs differ.',
    });
  });
});

describe('namedFallback', () => {
  const mixed = onGpu({ placement: placed({ [cuda]: 2, [cpu]: 1 }, { Det: 1 }) });

  it('wants the operator named, alone, and the rest on the provider', () => {
    expect(namedFallback(mixed, cuda, 'Det').outcome).toBe('ok');
    expect(namedFallback(mixed, cuda, 'Relu')).toEqual({
      outcome: 'failed',
      text: 'on the CPU: Det instead of Relu',
    });
    expect(namedFallback(onGpu({}), cuda, 'Det').text).toBe('on the CPU: nothing instead of Det');
    const two = onGpu({ placement: placed({ [cuda]: 1, [cpu]: 2 }, { Det: 1, Relu: 1 }) });
    expect(namedFallback(two, cuda, 'Det').outcome).toBe('failed');
    const all = onGpu({ placement: placed({ [cpu]: 3 }, { Det: 3 }) });
    expect(namedFallback(all, cuda, 'Det')).toEqual({ outcome: 'failed', text: `no node on ${cuda}` });
  });
});

describe('agreement', () => {
  const tolerance = { absolute: 1e-5, relative: 1e-3 };
  const report = (ok: boolean, ...differences: (readonly [number | string, number | string])[]) => ({
    ok,
    tolerance,
    comparisons: differences.map(([difference, ofTolerance]) => ({ difference, ofTolerance })),
  });

  it('tells the worst of the comparisons', () => {
    expect(agreement(0, report(true, [1e-6, 0.01], [5e-6, 0.05], [1e-7, 0.001]))).toEqual({
      outcome: 'ok',
      text: 'largest difference 5.00e-6, 5.00 % of the tolerance (0.00001 + 0.001 of the largest output)',
    });
  });

  it('fails where the sides differ, are no numbers, or were not compared', () => {
    expect(agreement(1, report(false, [1, 20])).outcome).toBe('failed');
    const noNumber = agreement(1, report(false, [1e-6, 0.1], ['NaN', 'NaN'], [1e-6, 0.1]));
    expect(noNumber.outcome).toBe('failed');
    expect(noNumber.text).toContain('largest difference NaN');
    expect(agreement(1, report(true, [1e-6, 0.1])).outcome).toBe('failed');
    expect(agreement(2, undefined).text).toBe('validate ended with exit code 2, without a report');
  });
});

describe('how a command ended', () => {
  const lacking =
    'error: The execution provider does not start on this machine.\n  where:    --provider tensorrt\n  found:    Failed to load shared library\n  cure:     Install it.\n';

  it('skips what does not start, with the reason, and nothing else', () => {
    expect(notStarted({ exitCode: 3, stderr: lacking })).toEqual({
      outcome: 'skipped',
      text: 'Failed to load shared library',
    });
    expect(notStarted({ exitCode: 3, stderr: 'killed\n' })?.text).toBe('killed');
    expect(notStarted({ exitCode: 1, stderr: lacking })).toBeUndefined();
    expect(notStarted({ exitCode: 0, stderr: '' })).toBeUndefined();
  });

  it('is a failure with its reason otherwise', () => {
    expect(unexpectedEnd({ exitCode: 3, stderr: lacking })).toEqual({
      outcome: 'failed',
      text: 'exit code 3: Failed to load shared library',
    });
  });
});

describe('summary', () => {
  it('counts, and fails where one failed', () => {
    const ok = { outcome: 'ok', text: 'a' } as const;
    const failed = { outcome: 'failed', text: 'b' } as const;
    const skipped = { outcome: 'skipped', text: 'no TensorRT' } as const;
    expect(summary([ok, skipped, ok])).toEqual({ text: '2 ok, 0 failed, 1 skipped', exitCode: 0 });
    expect(summary([ok, failed])).toEqual({ text: '1 ok, 1 failed, 0 skipped', exitCode: 1 });
    expect(line('bench small on tensorrt', skipped)).toBe('skipped: bench small on tensorrt: no TensorRT');
  });
});

describe('neededLibraries', () => {
  it('reads what a library is linked with', () => {
    const ldd = [
      '\tlinux-vdso.so.1 (0x00007ffd3a5f2000)',
      '\tlibonnxruntime_providers_shared.so => not found',
      '\tlibcublasLt.so.12 => /usr/local/cuda/lib64/libcublasLt.so.12 (0x00007f0b2e000000)',
      '\tlibcudart.so.12 => /usr/local/cuda/lib64/libcudart.so.12 (0x00007f0b7e000000)',
      '\tlibcudnn.so.9 => not found',
      '\tlibcufft.so.11 => not found',
      '\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f0b2de00000)',
    ].join('\n');
    expect(neededLibraries(ldd)).toEqual({
      cuda: '12',
      cudnn: '9',
      missing: ['libcudnn.so.9', 'libcufft.so.11'],
    });
    expect(neededLibraries('\tlibcublasLt.so.13 => not found').cuda).toBe('13');
    expect(neededLibraries('\tstatically linked')).toEqual({
      cuda: undefined,
      cudnn: undefined,
      missing: [],
    });
  });
});

describe('installFailure', () => {
  it('says when there is no network, and else what the script said', () => {
    const offline = installFailure('Error: getaddrinfo ENOTFOUND api.nuget.org\n    at GetAddrInfoReqWrap');
    expect(offline.found).toBe('api.nuget.org cannot be reached (ENOTFOUND)');
    expect(offline.cure).toContain('network');
    const refused = installFailure(
      'Downloading\n    throw new Error(x)\nError: Failed to download. HTTP status code = 404\n    at x',
    );
    expect(refused.found).toBe('Error: Failed to download. HTTP status code = 404');
  });
});
