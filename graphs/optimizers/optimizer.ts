// What an optimizer is: more graph, from a gradient and what it remembers to new parameters and what it remembers then. A
// step takes any object of this kind; `index.ts` has those that come with the package.
import type { Builder } from '../builder.js';
import type { Output, Value } from '../ir.js';

/** Elements of a vector that an optimizer remembers: as many as there are parameters, or a number of its own. */
export type SlotSize = 'parameters' | number;

export interface OptimizerInputs<S extends string> {
  /** f32[P]. */
  readonly parameters: Value;
  /** f32[P]. */
  readonly gradient: Value;
  /** f32[1]. */
  readonly learningRate: Value;
  readonly slots: Readonly<Record<S, Value>>;
}

export interface OptimizerStep<S extends string> {
  /** f32[P]. */
  readonly parameters: Value;
  /** What is remembered until the next step, each of its slot's size. */
  readonly slots: Readonly<Record<S, Value>>;
  /** What a step reports beside its loss. */
  readonly reports: readonly Output[];
}

/** Gradient descent with momentum and L2 decay, by its options. */
export interface Descent {
  readonly momentum: number;
  readonly weightDecay: number;
  /** Largest norm of the gradient, before the decay is added; no clipping when absent. */
  readonly clipNorm?: number;
}

/**
 * An optimizer with its options: `S` are the names of its slots. It may go on from where another one left the parameters:
 * its own slots are then zero, as before any first step.
 */
export interface Optimizer<S extends string = string> {
  /** Where its nodes stand in a step's graph. */
  readonly name: string;
  /** Flat vectors that it remembers between steps, zero before the first. A checkpoint keeps them under these names. */
  readonly slots: Readonly<Record<S, SlotSize>>;
  /** The slot of parameters that evaluation reads, an average say; absent where it reads those that are moved. */
  readonly evaluates?: S;
  /** Where a step is one of SGD: with which options. Methods of second order unroll it; its momentum is in the slot `velocity`. */
  readonly descent?: Descent;
  /** Traces one step. */
  update(g: Builder, inputs: OptimizerInputs<S>): OptimizerStep<S>;
}
