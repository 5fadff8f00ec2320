// Saved alphas, as JSON or safetensors: one row of numbers an edge, and how the search read them. A file from elsewhere may leave out what
// it does not know; whoever derives from it then has to say.
import { z } from 'zod';
import type { SafeTensors } from '../../graphs/safetensors.js';
import { GenonnxError } from '../errors.js';
import { PRIMITIVES, SEARCH_PRIMITIVES } from '../spaces/primitives.js';
import { CELL_TYPES, type CellSpace, type CellType, edgeCount } from '../spaces/search-space.js';
import type { DerivationRule } from './derive.js';
import type { Alphas } from './estimator.js';
import { METHODS, type MethodName } from './methods.js';

/** Alphas, the space that they are of, and how they are to be read. */
export interface AlphasFile {
  readonly space: CellSpace;
  readonly alphas: Alphas;
  /** What the file says of how its alphas are to be read. */
  readonly rule: Partial<DerivationRule>;
  /** Of which search method they are. */
  readonly method?: MethodName;
}

const matrix = z.array(z.array(z.number())).min(1);
const schema = z.strictObject({
  normal: matrix,
  reduce: matrix,
  primitives: z
    .array(z.enum(PRIMITIVES))
    .min(1)
    .default([...SEARCH_PRIMITIVES]),
  parameterisation: z.enum(['softmax', 'relu']).optional(),
  scope: z.enum(['edge', 'node']).optional(),
  samples: z.int().min(1).max(1000).optional(),
  method: z.enum(METHODS).optional(),
});

/**
 * Reads an alphas file: `{ normal, reduce, primitives?, parameterisation?, scope?, samples?, method? }`, the first two with a row
 * of numbers for each edge. `where` is the file's name. @throws `file-corrupt`.
 */
export function parseAlphasFile(text: string, where = 'alphas'): AlphasFile {
  return readFields(parseJson(text, where), where);
}

function readFields(fields: unknown, where: string): AlphasFile {
  const result = schema.safeParse(fields);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw corrupt(
      where,
      issue?.path.join('.') ?? '',
      'fields as the documentation lists them',
      issue?.message ?? '',
    );
  }
  return checkedAlphas(result.data, where);
}

function checkedAlphas(
  { normal, reduce, primitives, method, ...rule }: z.infer<typeof schema>,
  where: string,
): AlphasFile {
  if (new Set(primitives).size !== primitives.length) {
    throw corrupt(where, 'primitives', 'every primitive once', primitives.join(', '));
  }
  let nodes = 1;
  while (edgeCount(nodes) < normal.length) nodes += 1;
  for (const type of CELL_TYPES) {
    const rows = { normal, reduce }[type];
    if (rows.length !== edgeCount(nodes)) {
      throw corrupt(
        where,
        type,
        `a row an edge: 2, 5, 9, 14, ..., as many in both cells`,
        `${rows.length} rows`,
      );
    }
    const wrong = rows.findIndex((row) => row.length !== primitives.length);
    if (wrong >= 0) {
      const found = `${rows[wrong]?.length} numbers`;
      throw corrupt(where, `${type}.${wrong}`, `${primitives.length} numbers, one a primitive`, found);
    }
  }
  return {
    space: { nodes, primitives },
    alphas: { normal: Float64Array.from(normal.flat()), reduce: Float64Array.from(reduce.flat()) },
    rule: withoutUndefined(rule),
    ...(method === undefined ? {} : { method }),
  };
}

/** Names under which alphas are saved: DARTS's, and ours. */
const tensorNames = {
  normal: ['alphas_normal', 'normal'],
  reduce: ['alphas_reduce', 'reduce'],
} as const;

/**
 * Alphas from safetensors: `alphas_normal` and `alphas_reduce` (or `normal` and `reduce`, alone or behind a prefix that
 * ends in a point), each [edges, primitives]. Metadata of the names of the JSON fields says how they are read; lists are
 * JSON there. @throws `file-corrupt`.
 */
export function alphasFromTensors({ tensors, metadata }: SafeTensors, where = 'alphas'): AlphasFile {
  const rows = (type: CellType): number[][] => {
    const names = tensorNames[type];
    const [found, ...others] = [...tensors].filter(([name]) =>
      names.some((known) => name === known || name.endsWith(`.${known}`)),
    );
    if (found === undefined || others.length > 0) {
      const known = [...tensors.keys()].slice(0, 5).join(', ') || 'no tensors';
      throw corrupt(where, type, `one tensor named ${names.join(' or ')}`, known);
    }
    const [name, { shape, data }] = found;
    const [edges, width] = shape;
    if (shape.length !== 2 || edges === undefined || width === undefined)
      throw corrupt(where, name, 'two dimensions: edges and primitives', `[${shape}]`);
    const values = Array.from(data, Number);
    return Array.from({ length: edges }, (_, edge) => values.slice(edge * width, (edge + 1) * width));
  };
  const fields: Record<string, unknown> = { normal: rows('normal'), reduce: rows('reduce') };
  for (const key of ['primitives', 'parameterisation', 'scope', 'samples', 'method'] as const) {
    const text = metadata.get(key);
    if (text === undefined) continue;
    fields[key] = key === 'primitives' || key === 'samples' ? parseJson(text, `${where}: ${key}`) : text;
  }
  return readFields(fields, where);
}

/** Writes what `parseAlphasFile` reads, numbers to the last bit. */
export function printAlphasFile({ space, alphas, rule, method }: AlphasFile): string {
  const width = space.primitives.length;
  const rows = (values: Float64Array): string => {
    const lines: string[] = [];
    for (let at = 0; at < values.length; at += width) {
      lines.push(`    [${[...values.subarray(at, at + width)].join(', ')}]`);
    }
    return `[\n${lines.join(',\n')}\n  ]`;
  };
  const fields = Object.entries({
    ...(method === undefined ? {} : { method }),
    ...withoutUndefined(rule),
    primitives: space.primitives,
  }).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  fields.push(`  "normal": ${rows(alphas.normal)}`, `  "reduce": ${rows(alphas.reduce)}`);
  return `{\n${fields.join(',\n')}\n}\n`;
}

function withoutUndefined(rule: { [K in keyof DerivationRule]?: DerivationRule[K] | undefined }) {
  const { samples, scope, parameterisation } = rule;
  return {
    ...(samples === undefined ? {} : { samples }),
    ...(scope === undefined ? {} : { scope }),
    ...(parameterisation === undefined ? {} : { parameterisation }),
  };
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw corrupt(where, '', 'JSON', error instanceof Error ? error.message : String(error));
  }
}

function corrupt(where: string, path: string, expected: string, found: string): GenonnxError {
  return new GenonnxError('file-corrupt', 'The alphas file cannot be read.', {
    where: path === '' ? where : `${where}: ${path}`,
    expected,
    found: found.slice(0, 200),
    cure: 'Write the alphas of each cell as one list of numbers for every edge.',
  });
}
