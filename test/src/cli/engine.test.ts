import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../../src/cli/engine.js';
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
