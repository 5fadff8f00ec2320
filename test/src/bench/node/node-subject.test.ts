// The process of a measurement is the built one of dist/.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nodeRooflines, nodeSubjects } from '../../../../src/bench/node/node-subject.js';
import { missingLibrary } from '../../../../src/bench/node/worker-process.js';
import type { SubjectRequest } from '../../../../src/bench/subject.js';
import { folderWith, smallModel } from '../../../support/small-model.js';

const worker = fileURLToPath(new URL('../../../../dist/src/bench/node/worker.js', import.meta.url));

function requestOf(model: Uint8Array, changes: Partial<SubjectRequest> = {}): SubjectRequest {
  const file = `${folderWith(model)}/model.onnx`;
  return {
    file,
    provider: 'cpu',
    batch: 1,
    threads: 1,
    optimization: 'all',
    allowFallback: false,
    ...changes,
  };
}

describe.skipIf(!existsSync(worker))('nodeSubjects', () => {
  it('measures in a process of its own', async () => {
    const subject = await nodeSubjects({ worker })(requestOf(smallModel()));
    expect(subject.opened.runtime.name).toBe('onnxruntime-node');
    expect(await subject.round(3)).toHaveLength(3);
    expect(await subject.round(2)).toHaveLength(2);
    const { profile, peakMemoryBytes } = await subject.close();
    expect(profile?.nodes.length).toBeGreaterThan(10);
    // The memory of that process, not of this one.
    expect(peakMemoryBytes).toBeLessThan(process.memoryUsage.rss() + 2 ** 30);
    subject.kill();
  });

  it('hands on what went wrong there, typed', async () => {
    await expect(nodeSubjects({ worker })(requestOf(new Uint8Array([1, 2])))).rejects.toMatchObject({
      name: 'GenonnxError',
      code: 'model-corrupt',
    });
  });

  it('rejects what is under way when the process is killed', async () => {
    const subject = await nodeSubjects({ worker })(requestOf(smallModel()));
    const round = subject.round(100_000);
    subject.kill();
    await expect(round).rejects.toMatchObject({
      code: 'engine',
      details: { found: expect.stringContaining('SIGKILL') },
    });
    await expect(subject.round(1)).rejects.toThrow();
  });
});

describe.skipIf(!existsSync(worker))('nodeRooflines', () => {
  it('measures in a process of its own, and says where a provider is not to be had', async () => {
    const rooflines = nodeRooflines({ worker });
    expect(await rooflines('cpu', 1)).toMatchObject({ threads: 1, peakGflops: expect.any(Number) });
    await expect(rooflines('coreml', 1)).rejects.toThrow();
  });
});

describe('missingLibrary', () => {
  it('is the one that the loader names', () => {
    const printed =
      '[E:onnxruntime] Failed to load library with error: /lib/libcudnn.so.9: cannot open shared object file: No such file';
    expect(missingLibrary(printed)).toBe('libcudnn.so.9: cannot open shared object file');
    expect(missingLibrary('all is well')).toBeUndefined();
  });
});
