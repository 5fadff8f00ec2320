// The rooflines that a benchmark needs: of each provider of onnxruntime-node and number of threads, measured until two
// measurements agree, and once more where a model exceeds what they allow.
import { GenonnxError } from '../errors.js';
import { isNodeProvider } from './node/session-options.js';
import type { ProviderName } from './providers.js';
import type { Roofline } from './roofline.js';
import { agreedRoofline, type Withheld } from './roofline-trust.js';

export interface RooflinePlace {
  readonly provider: ProviderName;
  readonly threads: number;
}

export type MeasureRoofline = (provider: ProviderName, threads: number) => Promise<Roofline>;

/** A roofline, or none, and why; without a reason, there is nothing to be measured in that place. */
export type Peaks =
  | { readonly roofline: Roofline }
  | { readonly roofline: null; readonly withheld: Withheld | undefined };

interface Known {
  readonly peaks: Peaks;
  readonly measurements: readonly Roofline[];
}

/** Measurements of one place in a row that may disagree before it is left at that. */
const mostMeasurements = 4;
/** No third measurement begins after that long: a machine that is that busy has no peak to find. */
const patienceMs = 20_000;
/** Once it may have been too busy; twice, it does not take matrix products. */
const mostFailures = 2;

export class Rooflines {
  readonly #measure: MeasureRoofline;
  readonly #patienceMs: number;
  readonly #known = new Map<string, Promise<Known>>();

  constructor(measure: MeasureRoofline, patience = patienceMs) {
    this.#measure = measure;
    this.#patienceMs = patience;
  }

  /** Measures a place when it is asked for the first time. Browsers have no roofline. */
  async of(place: RooflinePlace): Promise<Peaks> {
    return (await (this.#known.get(keyOf(place)) ?? this.#settle(place, []))).peaks;
  }

  /** Measures a place anew; the peaks are the highest that two of all measurements agree on. */
  async again(place: RooflinePlace): Promise<Peaks> {
    const earlier = await this.#known.get(keyOf(place));
    return (await this.#settle(place, earlier?.measurements ?? [])).peaks;
  }

  #settle(place: RooflinePlace, earlier: readonly Roofline[]): Promise<Known> {
    const settled = this.#measured(place, earlier);
    this.#known.set(keyOf(place), settled);
    return settled;
  }

  async #measured({ provider, threads }: RooflinePlace, earlier: readonly Roofline[]): Promise<Known> {
    if (!isNodeProvider(provider))
      return { peaks: { roofline: null, withheld: undefined }, measurements: [] };
    const measurements = [...earlier];
    let failures = 0;
    const begunAt = performance.now();
    const isPatient = (): boolean => performance.now() - begunAt < this.#patienceMs;
    for (let count = 1; count <= mostMeasurements && failures < mostFailures; count++) {
      if (count > 2 && !isPatient()) break;
      try {
        measurements.push(await this.#measure(provider, threads));
      } catch (error) {
        // A roofline is worth going without; what is no error of ours is a fault, and is not hidden.
        if (!(error instanceof GenonnxError)) throw error;
        failures += 1;
      }
      // Two new ones at least: what was measured before is what is doubted.
      const roofline = count < 2 ? undefined : agreedRoofline(measurements);
      if (roofline !== undefined) return { peaks: { roofline }, measurements };
    }
    const withheld = measurements.length === 0 ? 'unmeasured' : 'unsteady';
    return { peaks: { roofline: null, withheld }, measurements };
  }
}

/** Peaks belong to a provider and a number of threads. */
export function keyOf({ provider, threads }: RooflinePlace): string {
  return `${provider} ${threads}`;
}
