// What a run must write down to be continued: its arrays, and everything else as plain data.
import { z } from 'zod';

export interface StoredArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

export type Arrays = Readonly<Record<string, StoredArray>>;

export interface Snapshot {
  readonly arrays: Arrays;
  /** JSON-compatible; the loop that made it has the schema to read it back. */
  readonly state: unknown;
}

/** Where a random stream stands. */
export const streamSchema = z.object({ words: z.array(z.number()).readonly(), count: z.number() });

/** Where a source of training batches stands: its stream, and its cursor within an epoch. */
export const batchSourceSchema = z.object({
  stream: streamSchema,
  cursor: z.object({ order: streamSchema, next: z.number() }).exactOptional(),
});
