// The rooflines that a benchmark needs: of each provider of onnxruntime-node and number of threads, measured once.
import { GenonnxError } from '../errors.js';
import { isNodeProvider } from './node/session-options.js';
import type { ProviderName } from './providers.js';
import type { Roofline } from './roofline.js';

export interface RooflinePlace {
  readonly provider: ProviderName;
  readonly threads: number;
}

export type MeasureRoofline = (provider: ProviderName, threads: number) => Promise<Roofline>;

export class Rooflines {
  readonly #measure: MeasureRoofline;
  readonly #known = new Map<string, Promise<Roofline | null>>();

  constructor(measure: MeasureRoofline) {
    this.#measure = measure;
  }

  /** Null for browsers, and where the device was too busy, or does not take matrix products. */
  of({ provider, threads }: RooflinePlace): Promise<Roofline | null> {
    if (!isNodeProvider(provider)) return Promise.resolve(null);
    const key = `${provider} ${threads}`;
    const found = this.#known.get(key) ?? this.#measure(provider, threads).catch(unmeasured);
    this.#known.set(key, found);
    return found;
  }
}

/** A roofline is worth going without; what is no error of ours is a fault, and is not hidden. */
function unmeasured(error: unknown): null {
  if (error instanceof GenonnxError) return null;
  throw error;
}
