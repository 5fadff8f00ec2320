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
      where: `\`provider\` ${provider}`,
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
  const where = `\`provider\` ${provider}`;
  if (/fallback to CPU EP has been explicitly disabled/.test(text)) {
    return new GenonnxError(
      'fallback',
      'The provider does not take every node of this model: the rest would run on the CPU.',
      {
        where,
        cure: 'Pass `allowFallback` to measure it all the same; the receipt then names those nodes.',
      },
      { cause: error },
    );
  }
  const reason = notStarted.map((pattern) => pattern.exec(text)).find((match) => match !== null);
  if (reason === undefined) return undefined;
  return new GenonnxError(
    'engine',
    'The execution provider does not start on this machine.',
    { where, found: reason[0].trim(), cure: cures[provider] ?? 'Choose another provider.' },
    { cause: error },
  );
}

/** What the runtime says where a provider's library, device or driver is not there or fails: the part that tells. */
const notStarted = [
  /Failed to get a WebGPU adapter.*/,
  // CUDA, CUBLAS, CUDNN failure; what follows the semicolon are places in the runtime's own source.
  /\bCU[A-Z]+ failure[^;\n]*/,
  /.*(?:adapter|shared library|load library|backend not found|no available backend).*/i,
];

/** What was said first; an error of ours has its cause's text in its own. */
function causes(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const inner = error.cause === undefined ? [] : causes(error.cause);
  return error instanceof GenonnxError && inner.length > 0 ? inner : [error.message, ...inner];
}

const cures: Readonly<Partial<Record<ProviderName, string>>> = {
  cuda: "Install onnxruntime-node's CUDA libraries, as docs/providers.md says: Linux x64 and an NVIDIA GPU.",
  tensorrt: "Install onnxruntime-node's CUDA libraries and TensorRT, as docs/providers.md says.",
  webgpu: 'It needs a GPU with a driver for Vulkan, Direct3D 12 or Metal (docs/providers.md).',
  dml: 'DirectML is there on Windows only.',
  coreml: 'Core ML is there on macOS only.',
};
