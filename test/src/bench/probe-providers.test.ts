import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { probeModel } from '../../../src/bench/probe-model.js';
import { probeProviders } from '../../../src/bench/probe-providers.js';
import { providerNames } from '../../../src/bench/providers.js';
import type { OpenSubject, SubjectRequest } from '../../../src/bench/subject.js';
import { GenonnxError } from '../../../src/errors.js';

const runtime = { name: 'a runtime', version: '1.0', host: 'a host' } as const;

describe('probeProviders', () => {
  it('says of every provider what ran the model, or what is missing', async () => {
    const requests: SubjectRequest[] = [];
    let killed = 0;
    const opens: OpenSubject = async (request) => {
      requests.push(request);
      expect(readFileSync(request.file)).toEqual(Buffer.from(probeModel()));
      return {
        opened: { runtime, sessionMs: 1, firstRunMs: 1, warmUpRuns: 1 },
        round: () => Promise.reject(new Error('asked')),
        close: () => Promise.reject(new Error('asked')),
        kill: () => {
          killed += 1;
        },
      };
    };
    const lacking = (details: object, summary = 'It is not here.'): OpenSubject => {
      return () => Promise.reject(new GenonnxError('engine', summary, details));
    };
    const others: Readonly<Record<string, OpenSubject>> = {
      cuda: lacking({ found: 'libcuda.so', cure: 'Install it.' }),
      dml: lacking({ found: 'dml', cure: 'Elsewhere.' }),
      coreml: lacking({}),
      tensorrt: () => Promise.reject(new Error('crashed')),
    };
    const found = await probeProviders((name) => others[name] ?? opens);
    expect(found).toEqual([
      { name: 'cpu', runtime },
      { name: 'cuda', runtime: null, missing: 'It is not here: libcuda.so', cure: 'Install it.' },
      { name: 'tensorrt', runtime: null, missing: 'crashed' },
      { name: 'webgpu', runtime },
      { name: 'dml', runtime: null, missing: 'It is not here.', cure: 'Elsewhere.' },
      { name: 'coreml', runtime: null, missing: 'It is not here.' },
      { name: 'web-wasm', runtime },
      { name: 'web-webgpu', runtime },
    ]);
    expect(found.map(({ name }) => name)).toEqual(providerNames);
    expect(requests.map(({ provider }) => provider)).toEqual(['cpu', 'webgpu', 'web-wasm', 'web-webgpu']);
    expect(requests.every(({ allowFallback }) => !allowFallback)).toBe(true);
    expect(killed).toBe(4);
    expect(existsSync(requests[0]?.file ?? '')).toBe(false);
  });
});
