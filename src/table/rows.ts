// What a table's folder keeps of its trainings: a line of its journal for each, written when it is done.
import { z } from 'zod';
import { scoresSchema } from '../loop/meter.js';

const epochSchema = z.object({
  /** From 1. */
  epoch: z.int().min(1),
  /** Of the steps, as the weights moved. */
  train: scoresSchema,
  validation: scoresSchema.exactOptional(),
  test: scoresSchema.exactOptional(),
});
export type CellEpoch = z.infer<typeof epochSchema>;

const runOf = { architecture: z.string(), seed: z.int() };

export const rowSchema = z.union([
  z.object({
    ...runOf,
    parameters: z.int(),
    /** Multiply-adds of one example. */
    macs: z.int(),
    epochs: z.array(epochSchema).min(1),
    /** From building the network to its last scores. */
    seconds: z.number(),
  }),
  /** Why there are none. */
  z.object({ ...runOf, failure: z.string() }),
]);
export type Row = z.infer<typeof rowSchema>;
export type TrainedRow = Extract<Row, { readonly epochs: unknown }>;

export function isTrained(row: Row): row is TrainedRow {
  return 'epochs' in row;
}

/** Which training of the plan it is. */
export function keyOf({ architecture, seed }: Pick<Row, 'architecture' | 'seed'>): string {
  return `${seed} ${architecture}`;
}
