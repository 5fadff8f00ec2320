// From `--engine` and `--layout` to what the machine gets: what it has, and whether it can be trusted.
import { describe, expect, it } from 'vitest';
import type { CheckVerdict } from '../../../graphs/onnx/self-check.js';
import { chooseEngine, chooseLayout, type LayoutSources } from '../../../src/engines/choice.js';
import type { TfjsReport } from '../../../src/engines/tfjs/load.js';

const found = (gpu: boolean): TfjsReport['found'] & object => ({
  package: '@tensorflow/tfjs-node-gpu',
  version: '4.22.0',
  gpu,
  description: 'TensorFlow.js 4.22.0, TensorFlow 2.9.1',
});
const attempt = { package: '@tensorflow/tfjs-node-gpu', outcome: 'not installed' } as const;
const probe = (report: TfjsReport) => async () => report;

describe('chooseEngine', () => {
  it('takes TensorFlow.js where its package for GPUs sees one', async () => {
    const chosen = await chooseEngine('auto', probe({ found: found(true), attempts: [] }));
    expect(chosen.engine).toBe('tfjs');
    expect(chosen.reason).toContain('sees a GPU');
  });

  it.each([
    [{ found: found(false), attempts: [] }, /sees no GPU/],
    [{ attempts: [attempt] }, /tfjs-node-gpu is not installed/],
    [
      { attempts: [{ ...attempt, outcome: 'failed', reason: 'libcudart is missing' }] },
      /libcudart is missing/,
    ],
  ] as const)('takes ONNX Runtime else, and says why', async (report, reason) => {
    const chosen = await chooseEngine('auto', probe(report));
    expect(chosen.engine).toBe('ort');
    expect(chosen.reason).toMatch(reason);
  });

  it('does as it is told without looking', async () => {
    const look = () => Promise.reject(new Error('looked'));
    expect((await chooseEngine('tfjs', look)).engine).toBe('tfjs');
    expect((await chooseEngine('ort', look)).engine).toBe('ort');
  });
});

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
      details: { cure: 'Choose `layout` auto or portable.' },
    });
  });
});
