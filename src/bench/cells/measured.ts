// What was measured of the models of a plan, as a process says it to the one that asked.
import { z } from 'zod';
import { runtimeSchema } from '../receipt.js';

export const measuredSchema = z.object({
  runtime: runtimeSchema,
  /** Latencies of the counted runs in milliseconds, by model, then by round. */
  roundsMs: z.record(z.string(), z.array(z.array(z.number().positive()).min(1)).min(1)),
});
export type Measured = z.infer<typeof measuredSchema>;
