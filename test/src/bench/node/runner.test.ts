import { readdirSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { openRunner } from '../../../../src/bench/node/runner.js';
import type { SubjectRequest } from '../../../../src/bench/subject.js';
import { freshFolder } from '../../../e2e/command.js';
import { folderWith, smallModel } from '../../../support/small-model.js';

function requestOf(model: Uint8Array, changes: Partial<SubjectRequest> = {}): SubjectRequest {
  const file = `${folderWith(model)}/model.onnx`;
  return {
    file,
    provider: 'cpu',
    batch: 2,
    threads: 1,
    optimization: 'all',
    allowFallback: false,
    ...changes,
  };
}

describe('openRunner', () => {
  it('opens, runs and profiles a model', async () => {
    const temporary = freshFolder();
    vi.stubEnv('TMPDIR', temporary);
    const runner = await openRunner(requestOf(smallModel()));
    const { runtime, sessionMs, firstRunMs, warmUpRuns } = runner.opened;
    expect(runtime).toMatchObject({ name: 'onnxruntime-node', host: `Node ${process.version}` });
    expect(runtime.version).toMatch(/^\d+\.\d+/);
    expect(Math.min(sessionMs, firstRunMs)).toBeGreaterThan(0);
    expect(warmUpRuns).toBeGreaterThanOrEqual(20);
    const latencies = await runner.round(4);
    expect(latencies).toHaveLength(4);
    expect(Math.min(...latencies)).toBeGreaterThan(0);
    const { profile, peakMemoryBytes, hostCopyMs } = await runner.close();
    expect(hostCopyMs).toBeNull();
    expect(peakMemoryBytes === null).toBe(process.platform !== 'linux');
    expect(profile?.nodes.some(({ operator }) => operator === 'Conv')).toBe(true);
    expect(new Set(profile?.nodes.map(({ provider }) => provider))).toEqual(
      new Set(['CPUExecutionProvider']),
    );
    expect(profile?.runs).toBeGreaterThanOrEqual(1);
    expect(readdirSync(temporary).filter((name) => name.startsWith('genonnx-profile-'))).toEqual([]);
    vi.unstubAllEnvs();
  });

  it('changes the graph as much as the level says', async () => {
    const nodesAt = async (optimization: SubjectRequest['optimization']): Promise<number> => {
      const runner = await openRunner(requestOf(smallModel(), { optimization }));
      return (await runner.close()).profile?.nodes.length ?? 0;
    };
    expect(await nodesAt('extended')).toBeLessThan(await nodesAt('disabled'));
  });

  it.each([
    ['model-corrupt', new Uint8Array([1, 2, 3]), {}],
    ['engine', smallModel(), { provider: 'coreml' as const }],
    ['usage', smallModel(), { batch: 2 ** 21 }],
  ])('says %s of what cannot be measured', async (code, model, changes) => {
    await expect(openRunner(requestOf(model, changes))).rejects.toMatchObject({ code });
  });
});
