// A feature map and its ReLU. Several operations begin with a ReLU of the same map, which is computed once, outside of
// any gated region, and only if somebody asks for it.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { fixed } from '../../graphs/shapes.js';

export interface Features {
  readonly raw: Value;
  /** max(raw, 0). */
  readonly relu: Value;
}

/** Features whose ReLU is traced in `g` on first use. */
export function featuresOf(g: Builder, raw: Value): Features {
  let relu: Value | undefined;
  return {
    raw,
    get relu() {
      relu ??= g.relu(raw);
      return relu;
    },
  };
}

/** Channels of a feature map. */
export function channelsOf(x: Value): number {
  return fixed(x.shape[1], x.path);
}
