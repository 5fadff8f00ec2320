// How onnxruntime-node is asked for an execution provider, and whether it has it.
import type { InferenceSession } from 'onnxruntime-node';
import { GenonnxError } from '../../errors.js';
import type { ProviderName } from '../providers.js';
import type { SubjectRequest } from '../subject.js';

/** Providers that run in a browser have no sessions here. */
export type NodeProvider = Exclude<ProviderName, `web-${string}`>;

export function isNodeProvider(name: ProviderName): name is NodeProvider {
  return name !== 'web-wasm' && name !== 'web-webgpu';
}

/**
 * `available` is what the runtime lists as its backends.
 * @throws GenonnxError `engine` for a provider that this runtime was built without.
 */
export function sessionOptions(
  { provider, threads, optimization, allowFallback }: SubjectRequest,
  available: readonly string[],
): InferenceSession.SessionOptions {
  if (!available.includes(provider)) {
    throw new GenonnxError('engine', 'This ONNX Runtime does not have the execution provider.', {
      where: `--provider ${provider}`,
      expected: `one of ${available.join(', ')}`,
      found: provider,
      cure: cures[provider] ?? 'Choose another provider.',
    });
  }
  return {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    graphOptimizationLevel: optimization,
    logSeverityLevel: 4,
    // Without it, the runtime gives nodes that the provider does not take to the CPU, and says nothing.
    ...(provider === 'cpu' || allowFallback ? {} : { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
  };
}

/** What a runtime says of a provider that does not start, or does not take the whole model; undefined for other errors. */
export function providerError(error: unknown, provider: ProviderName): GenonnxError | undefined {
  if (provider === 'cpu') return undefined;
  const text = causes(error).join('\n');
  const where = `--provider ${provider}`;
  if (/fallback to CPU EP has been explicitly disabled/.test(text)) {
    return new GenonnxError(
      'fallback',
      'The provider does not take every node of this model: the rest would run on the CPU.',
      {
        where,
        cure: 'Pass --allow-fallback to measure it all the same; the receipt then names those nodes.',
      },
      { cause: error },
    );
  }
  const reason = /.*(?:adapter|shared library|load library|backend not found|no available backend).*/i.exec(
    text,
  );
  if (reason === null) return undefined;
  return new GenonnxError(
    'engine',
    'The execution provider does not start on this machine.',
    { where, found: reason[0].trim(), cure: cures[provider] ?? 'Choose another provider.' },
    { cause: error },
  );
}

function causes(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  return [error.message, ...(error.cause === undefined ? [] : causes(error.cause))];
}

const cures: Readonly<Partial<Record<ProviderName, string>>> = {
  cuda: "Install onnxruntime-node's CUDA libraries (docs/benchmarks.md), on Linux or Windows with an NVIDIA GPU.",
  tensorrt: "Install onnxruntime-node's CUDA libraries and TensorRT (docs/benchmarks.md).",
  webgpu: 'It needs a GPU with a driver for Vulkan, Direct3D 12 or Metal.',
  dml: 'DirectML is there on Windows only.',
  coreml: 'Core ML is there on macOS only.',
};
