// Where two plain values differ: what a message about settings lists.
import type { Json, JsonObject } from './json.js';

export interface Difference {
  /** Dotted, such as `weights.learningRate`. */
  readonly path: string;
  /** Undefined where one side has no such member. */
  readonly expected: Json | undefined;
  readonly found: Json | undefined;
}

/** Where two values differ, at the deepest members, in the order of `expected` and then of what only `found` has. */
export function differences(expected: Json | undefined, found: Json | undefined, path = ''): Difference[] {
  if (isObject(expected) && isObject(found)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
    return [...keys].flatMap((key) =>
      differences(ownMember(expected, key), ownMember(found, key), path === '' ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    return expected.flatMap((item, index) => differences(item, found[index], `${path}.${index}`));
  }
  return JSON.stringify(expected) === JSON.stringify(found) ? [] : [{ path, expected, found }];
}

function ownMember(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
