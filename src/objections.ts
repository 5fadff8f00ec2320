// What a schema has against a value, in the words of this package's errors.
import type { z } from 'zod';
import { didYouMean } from './nearest-name.js';

export interface Objection {
  readonly path: readonly PropertyKey[];
  readonly expected: string;
  readonly found: string;
  /** `otherwise`, or the word that was probably meant. */
  readonly cure: string;
}

type Issue = z.core.$ZodIssue;

/** The first objection to `value`; `otherwise` is the cure where the schema knows no word that is near. */
export function objectionTo(value: unknown, { issues }: z.ZodError, otherwise: string): Objection {
  const [issue] = issues;
  if (issue === undefined) throw new RangeError('an error of zod has an issue');
  const { path } = issue;
  const found = valueAt(value, path);
  const words = wordsOf(issue);
  return {
    path,
    expected: expectedBy(issue),
    found: inWords(found),
    cure: typeof found === 'string' ? didYouMean(found, words, otherwise) : otherwise,
  };
}

/** The words that would be taken. */
function wordsOf(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.filter((word) => typeof word === 'string');
  if (issue.code !== 'invalid_union') return [];
  // Of one that a member tells apart, the words of that member; else those of each kind of value.
  if ('options' in issue && Array.isArray(issue.options)) return issue.options.map(String);
  return issue.errors.flatMap((issues) => issues.filter(isHere).flatMap(wordsOf));
}

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'too_small':
      return `${counted(issue.origin)}${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `${counted(issue.origin)}${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'invalid_union': {
      const branches = issue.errors.flatMap((issues) => issues.filter(isHere).map(expectedBy));
      return branches.length > 0
        ? [...new Set(branches)].join(', or ')
        : wordsOf(issue).join(', ') || issue.message;
    }
    default:
      return issue.message;
  }
}

/** Of the value itself, and not of what is in it. */
function isHere({ path }: Issue): boolean {
  return path.length === 0;
}

const kinds: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'names with values',
  record: 'names with values',
};

/** Before a least or largest length; numbers need nothing. */
function counted(origin: string): string {
  if (origin === 'array') return 'a list of ';
  return origin === 'string' ? 'a text of ' : '';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (typeof inside === 'object' && inside !== null ? Reflect.get(inside, key) : undefined),
    value,
  );
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))).slice(0, 80);
}
