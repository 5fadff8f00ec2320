// Plain data as it survives a file: what JSON can hold.
import { z } from 'zod';
import { GenonnxError } from '../errors.js';

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/** A JSON object of any content. */
export const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** `value` as it would come back from a file: without undefined members, and with null for NaN and infinities. */
export function asJson(value: object): JsonObject {
  return jsonObjectSchema.parse(JSON.parse(JSON.stringify(value)));
}

/** `value` as a file holds it: indented, with a final newline. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** `text` as JSON that fits `schema`; `where` names it in the `file-corrupt` that is thrown otherwise. */
export function parseJson<T>(text: string, where: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw corrupt(where, 'JSON', error instanceof Error ? error.message : String(error), error);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const found =
    issue === undefined ? 'something else' : `${issue.message} at ${issue.path.join('.') || 'the top'}`;
  throw corrupt(where, 'what this version of genonnx writes there', found, result.error);
}

function corrupt(where: string, expected: string, found: string, cause: unknown): GenonnxError {
  const details = { where, expected, found, cure: 'Restore the file from a copy, or start a new run.' };
  return new GenonnxError('file-corrupt', 'This file is damaged.', details, { cause });
}
