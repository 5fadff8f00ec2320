// The plans of a program whose dimensions are not all known before it runs: one for each set of sizes, the latest of which
// are kept. A program without such dimensions has one plan.
import type { Graph } from '../../../graphs/ir.js';
import { bindShapes, symbolsOf } from '../../../graphs/passes/bind-shapes.js';
import type { Device } from './device.js';
import { Plans } from './plan.js';

/** Plans hold their constants on the device; windows have some fifty lengths. */
const KEPT = 64;

export class PlansBySize {
  readonly #plans = new Map<string, Plans>();
  readonly #symbols: readonly string[];

  constructor(
    readonly graph: Graph,
    readonly device: Device,
  ) {
    this.#symbols = symbolsOf(graph);
    if (this.#symbols.length === 0) this.of(new Map());
  }

  /** `sizes` has every symbolic dimension of the graph. */
  of(sizes: ReadonlyMap<string, number>): Plans {
    const key = this.#symbols.map((symbol) => sizes.get(symbol)).join();
    const found = this.#plans.get(key);
    // What was used last stands last.
    this.#plans.delete(key);
    const plans = found ?? new Plans(bindShapes(this.graph, sizes), this.device);
    this.#plans.set(key, plans);
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > KEPT && oldest !== undefined) {
      this.#plans.get(oldest)?.dispose();
      this.#plans.delete(oldest);
    }
    return plans;
  }

  dispose(): void {
    for (const plans of this.#plans.values()) plans.dispose();
    this.#plans.clear();
  }
}
