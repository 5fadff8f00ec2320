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

/** An optimizer with its options: `S` are the names of its slots. */
export interface Optimizer<S extends string = string> {
  /** Where its nodes stand in a step's graph. */
  readonly name: string;
  /** Flat vectors that it remembers between steps, zero before the first. A checkpoint keeps them under these names. */
  readonly slots: Readonly<Record<S, SlotSize>>;
  /** Traces one step. */
  update(g: Builder, inputs: OptimizerInputs<S>): OptimizerStep<S>;
}
