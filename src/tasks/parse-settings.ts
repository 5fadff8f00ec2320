// Settings against their schema; what is wrong is said by the path of the setting.
import type { z } from 'zod';
import { GenonnxError } from '../errors.js';

/** @throws GenonnxError `usage` with the path of the first setting that cannot be. */
export function parseSettings<C>(schema: z.ZodType<C>, settings: unknown): C {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GenonnxError('usage', 'A setting is not possible.', {
    where: `\`${(issue?.path ?? []).join('.')}\``,
    found: issue?.message ?? 'unknown',
    cure: 'Give it a value of that kind, or leave it to the preset.',
  });
}
