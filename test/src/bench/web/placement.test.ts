import { describe, expect, it } from 'vitest';
import type { Profile } from '../../../../src/bench/profile.js';
import { fallbackError } from '../../../../src/bench/web/placement.js';
import { requireThreads } from '../../../../src/bench/web/started-runtime.js';

const node = (name: string, provider: string) => ({ name, operator: 'Hardmax', provider, timeMs: 1 });

describe('nodes that WebGPU does not take', () => {
  it('are counted, and the first are named', () => {
    const onCpu = ['a', 'b', 'c', 'd', 'e'].map((name) => node(name, 'CPUExecutionProvider'));
    const profile: Profile = { runs: 1, nodes: [node('gpu', 'WebGpuExecutionProvider'), ...onCpu] };
    expect(fallbackError(profile).details.found).toBe(
      '5 of 6 nodes: Hardmax at a, Hardmax at b, Hardmax at c and 2 more',
    );
  });

  it('are an error whether they are known or not', () => {
    expect(fallbackError(null)).toMatchObject({ code: 'fallback' });
    expect(fallbackError(null).details.found).toBeUndefined();
  });
});

describe('the threads of the runtime', () => {
  it('are an error where there are fewer than asked for', () => {
    expect(() => requireThreads(1, 2)).toThrow(expect.objectContaining({ code: 'engine' }));
    expect(() => requireThreads(2, 2)).not.toThrow();
  });
});
