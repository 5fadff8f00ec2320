// WebGPU's nodes that would run on the CPU: named where they are not allowed.
import { GenonnxError } from '../../errors.js';
import type { Profile } from '../profile.js';
import { cpuProvider } from '../providers.js';

/** What ONNX Runtime says of a model that it would have to split, where that was forbidden. */
export function isRefusedFallback(message: string): boolean {
  return message.includes('fallback to CPU EP has been explicitly disabled');
}

const mostNamed = 3;

/** Of a profile of a session that was allowed to split the model; null where there is none. */
export function fallbackError(profile: Profile | null, cause?: unknown): GenonnxError {
  const fallen = profile?.nodes.filter(({ provider }) => provider === cpuProvider) ?? [];
  const named = fallen.slice(0, mostNamed).map(({ operator, name }) => `${operator} at ${name}`);
  const more = fallen.length > named.length ? ` and ${fallen.length - named.length} more` : '';
  return new GenonnxError(
    'fallback',
    'WebGPU does not take every node of this model: the rest would run on the CPU.',
    {
      where: '`provider` web-webgpu',
      ...(profile === null || fallen.length === 0
        ? {}
        : { found: `${fallen.length} of ${profile.nodes.length} nodes: ${named.join(', ')}${more}` }),
      cure: 'Pass `allowFallback` to measure it all the same; the receipt then names the operators.',
    },
    { cause },
  );
}
