// From `--layout` to the layout that the engine gets: what the machine has, and whether it can be trusted.
import { describe, expect, it } from 'vitest';
import type { CheckVerdict } from '../../../../graphs/onnx/self-check.js';
import { chooseLayout, type LayoutSources, resolveLayout } from '../../../../src/cli/layout.js';

const good: CheckVerdict = { ok: true, failures: [] };
const bad: CheckVerdict = {
  ok: false,
  failures: [
    { operation: 'maxPool2d', difference: 1 },
    { operation: 'concat', difference: 2 },
  ],
};

function machine(block: number | undefined, verdict: CheckVerdict): LayoutSources {
  return { probe: async () => block, check: async () => verdict };
}

const never: LayoutSources = {
  probe: () => Promise.reject(new Error('probed')),
  check: () => Promise.reject(new Error('checked')),
};

describe('chooseLayout', () => {
  it('takes blocks where they exist and pass the self-check', async () => {
    const chosen = await chooseLayout('auto', machine(8, good));
    expect(chosen).toEqual({
      layout: { kind: 'blocked', block: 8 },
      reason: 'its operations passed the self-check',
      distrusted: false,
    });
  });

  it('falls back where they fail it, and names the operation', async () => {
    const chosen = await chooseLayout('auto', machine(16, bad));
    expect(chosen).toEqual({
      layout: { kind: 'portable' },
      reason: 'the blocked kernels failed the self-check: maxPool2d and 1 more',
      distrusted: true,
    });
    expect(await resolveLayout('auto', machine(16, bad))).toEqual({ kind: 'portable' });
  });

  it('falls back where there are none', async () => {
    const chosen = await chooseLayout('auto', machine(undefined, good));
    expect(chosen).toMatchObject({ layout: { kind: 'portable' }, distrusted: false });
    expect(chosen.reason).toContain('no blocked kernels');
  });

  it('takes what is asked for at its word', async () => {
    expect(await chooseLayout('portable', never)).toMatchObject({ layout: { kind: 'portable' } });
    expect(await chooseLayout('blocked', machine(16, bad))).toMatchObject({
      layout: { kind: 'blocked', block: 16 },
    });
  });

  it('refuses blocks where there are none, and says what to do', async () => {
    await expect(chooseLayout('blocked', machine(undefined, good))).rejects.toMatchObject({
      code: 'engine',
      details: { cure: 'Use --layout portable.' },
    });
  });
});
