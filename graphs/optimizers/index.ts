// The optimizers that come with the package, by name; each takes options of its own. Whoever has another one passes an
// `Optimizer` of their own wherever one of these goes.
import { adam } from './adam.js';
import { asgd } from './asgd.js';
import type { Optimizer } from './optimizer.js';
import { sgd } from './sgd.js';

export const OPTIMIZERS = ['sgd', 'asgd', 'adam'] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];

export const optimizers = { sgd, asgd, adam } as const satisfies {
  readonly [O in OptimizerName]: (options: never) => Optimizer;
};
