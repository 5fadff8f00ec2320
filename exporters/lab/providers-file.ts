// Which parts of onnxruntime-web a site has, for its worker: what is not there is not asked for.
import type { OrtWebProvider } from '../ort-web/runtime.js';

/** Where the site says so: a JSON list of providers. */
export const providersPath = 'onnxruntime/providers.json';

export function providersFile(providers: readonly OrtWebProvider[]): { path: string; content: string } {
  return { path: providersPath, content: `${JSON.stringify(providers)}\n` };
}
