import { describe, expect, it } from 'vitest';
import { providerError, sessionOptions } from '../../../../src/bench/node/session-options.js';
import type { SubjectRequest } from '../../../../src/bench/subject.js';
import { GenonnxError } from '../../../../src/errors.js';

const request: SubjectRequest = {
  file: 'model.onnx',
  provider: 'cuda',
  batch: 1,
  threads: 3,
  optimization: 'extended',
  allowFallback: false,
};
const available = ['cpu', 'cuda'];

describe('sessionOptions', () => {
  it('forbids the fallback to the CPU for every other provider', () => {
    expect(sessionOptions(request, available)).toEqual({
      executionProviders: ['cuda'],
      intraOpNumThreads: 3,
      graphOptimizationLevel: 'extended',
      logSeverityLevel: 4,
      extra: { session: { disable_cpu_ep_fallback: '1' } },
    });
    expect(sessionOptions({ ...request, allowFallback: true }, available)).not.toHaveProperty('extra');
    expect(sessionOptions({ ...request, provider: 'cpu' }, available)).not.toHaveProperty('extra');
  });

  it('refuses a provider that the runtime was built without, with its cure', () => {
    expect(() => sessionOptions({ ...request, provider: 'coreml' }, available)).toThrow(
      /cpu, cuda[\s\S]*macOS/,
    );
  });
});

describe('providerError', () => {
  const outer = (message: string) => new Error('not loaded', { cause: new Error(message) });

  it('is a no where nodes would fall back, and a lack of the machine where the provider does not start', () => {
    const fallback = providerError(
      outer(
        'This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has been explicitly disabled by the user.',
      ),
      'cuda',
    );
    expect([fallback?.code, fallback?.exitCode]).toEqual(['fallback', 1]);
    const missing = providerError(
      new GenonnxError(
        'model-corrupt',
        'ONNX Runtime does not load the model.',
        { found: 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library' },
        { cause: new Error('OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library') },
      ),
      'cuda',
    );
    expect([missing?.code, missing?.exitCode]).toEqual(['engine', 3]);
    expect(missing?.details.found).toBe(
      'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
    );
    expect(missing?.details.cure).toContain('CUDA');
  });

  it.each([
    [
      'webgpu',
      'webgpu_context.cc:136 Initialize() status == Success was false. Failed to get a WebGPU adapter: No supported adapters\n',
      'Failed to get a WebGPU adapter: No supported adapters',
    ],
    [
      'cuda',
      'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ; file=cuda_execution_provider.cc',
      'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version',
    ],
    ['cuda', 'CUDNN failure 1001: NOT_INITIALIZED ; GPU=0', 'CUDNN failure 1001: NOT_INITIALIZED'],
  ] as const)('says of a failing %s device what the runtime said, once', (provider, said, found) => {
    // As a session hands it on: with the text of the cause in its own.
    const refused = new GenonnxError(
      'model-corrupt',
      'ONNX Runtime does not load the model.',
      { found: said },
      { cause: new Error(said) },
    );
    const error = providerError(refused, provider);
    expect(error?.code).toBe('engine');
    expect(error?.details.found).toBe(found);
    expect(error?.details.cure).toContain('docs/providers.md');
  });

  it('leaves other errors, and those of the CPU, alone', () => {
    expect(providerError(outer('Protobuf parsing failed'), 'cuda')).toBeUndefined();
    expect(providerError(outer('Failed to load shared library'), 'cpu')).toBeUndefined();
  });
});
