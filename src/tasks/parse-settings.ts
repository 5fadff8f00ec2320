// Settings against their schema; what is wrong is said by the path of the setting.
import type { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';
import { objectionTo } from '../objections.js';

/** @throws GenonnxError `usage` with the path of the first setting that cannot be, or that there is not. */
export function parseSettings<C>(schema: z.ZodType<C>, settings: unknown): C {
  const parsed = schema.safeParse(settings);
  if (parsed.success) {
    requireNoOthers(settings, parsed.data);
    return parsed.data;
  }
  const otherwise = 'Give it a value of that kind, or leave it to the preset.';
  const { path, ...details } = objectionTo(settings, parsed.error, otherwise);
  throw new GenonnxError('usage', 'A setting is not possible.', { where: quoted(path), ...details });
}

/** A schema leaves out what it does not know: that was meant as something. */
function requireNoOthers(settings: unknown, known: unknown, path: readonly string[] = []): void {
  if (!isPlain(settings) || !isPlain(known)) return;
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined) continue;
    if (Object.hasOwn(known, name)) {
      requireNoOthers(value, known[name], [...path, name]);
      continue;
    }
    throw new GenonnxError('usage', 'There is no such setting.', {
      where: quoted([...path, name]),
      expected: `one of ${Object.keys(known).join(', ')}`,
      found: name.slice(0, 80),
      cure: didYouMean(name, Object.keys(known), 'Leave it out.'),
    });
  }
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quoted(path: readonly PropertyKey[]): string {
  return `\`${path.map(String).join('.')}\``;
}
