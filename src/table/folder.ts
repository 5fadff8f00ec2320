// What lies in the folder of a table beside its configuration and its journal.
import { z } from 'zod';

export const tableFiles = { table: 'table.json', page: 'table.html', plan: 'plan.json' } as const;

/** How many trainings it is to come to, and how many go on side by side, where that is known: for whoever watches it. */
export const planSchema = z.object({ trainings: z.int().min(0), jobs: z.int().min(1).exactOptional() });
export type TablePlan = z.infer<typeof planSchema>;
