// The jobs of a queue as they are listed. The engine's own listing asks for each job by itself, thousands of times: here each server
// is asked once for all of a state, and for no more of a job than is shown.
import type { createPostgresBackend, createRedisBackend } from 'bullmq';
import { z } from 'zod';
import type { ListedJob, ListJobs } from './listed-job.js';

/** Redis answers with names and texts in turn. */
export function listRedis(backend: ReturnType<typeof createRedisBackend>): ListJobs {
  return async (states, most) => {
    const listed = await backend.getJobs([...states], 0, most - 1);
    return listed.flatMap((ofState) => ofState.map(([id, fields]) => fromHash(id, fields)));
  };
}

function fromHash(id: string, fields: readonly string[]): ListedJob {
  const hash = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) hash.set(fields[at] ?? '', fields[at + 1] ?? '');
  const moment = (name: string): number | undefined => {
    const text = hash.get(name);
    return text === undefined ? undefined : Number(text);
  };
  return {
    id,
    name: hash.get('name') ?? '',
    data: jsonOf(hash.get('data')),
    progress: jsonOf(hash.get('progress')),
    returnvalue: jsonOf(hash.get('returnvalue')),
    failedReason: hash.get('failedReason'),
    processedBy: hash.get('pb'),
    timestamp: moment('timestamp') ?? 0,
    processedOn: moment('processedOn'),
    finishedOn: moment('finishedOn'),
  };
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A row of the engine's table; whole numbers of 64 bits come as texts. */
const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  data: z.unknown(),
  progress: z.unknown(),
  return_value: z.unknown(),
  failed_reason: z.string().nullable(),
  processed_by: z.string().nullable(),
  added_at_ms: z.coerce.number(),
  processed_at_ms: z.coerce.number().nullable(),
  finished_at_ms: z.coerce.number().nullable(),
});

const columns = Object.keys(rowSchema.shape).map((name) => `job.${name}`);

/** @param queue Its name. */
export function listPostgres(backend: ReturnType<typeof createPostgresBackend>, queue: string): ListJobs {
  const { pool, schema } = backend.connection;
  const text = `SELECT ${columns.join(', ')} FROM unnest($2::text[]) WITH ORDINALITY AS asked(id, place)
    JOIN "${schema}".job ON job.queue = $1 AND job.id = asked.id ORDER BY place`;
  return async (states, most) => {
    const ids = await backend.getRanges([...states], 0, most - 1, false);
    const { rows } = await pool.query(text, [queue, ids.flat()]);
    return z.array(rowSchema).parse(rows).map(fromRow);
  };
}

function fromRow(row: z.infer<typeof rowSchema>): ListedJob {
  return {
    id: row.id,
    name: row.name,
    data: row.data,
    progress: row.progress,
    returnvalue: row.return_value,
    failedReason: row.failed_reason ?? undefined,
    processedBy: row.processed_by ?? undefined,
    timestamp: row.added_at_ms,
    processedOn: row.processed_at_ms ?? undefined,
    finishedOn: row.finished_at_ms ?? undefined,
  };
}
