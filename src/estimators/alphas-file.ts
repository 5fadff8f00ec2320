// Saved alphas, as JSON or safetensors: for each cell type one row of numbers an edge, and how the search read them. A file from
// elsewhere may leave out what it does not know; whoever derives from it then has to say. Which cell types there are, and what
// may compete on their edges, a space says, or the form of many spaces.
import { z } from 'zod';
import type { SafeTensors } from '../../graphs/safetensors.js';
import { GenonnxError } from '../errors.js';
import {
  type CellForm,
  type CellType,
  edgeCount,
  perCellType,
  type SearchSpace,
  type SpaceForm,
} from '../spaces/search-space.js';
import type { DerivationRule } from './derive.js';
import { METHODS, type MethodName } from './methods.js';
import { rowsByEdge } from './probabilities.js';

/** Alphas, the space that they are of, and how they are to be read. */
export interface AlphasFile<Name extends string = string, Primitive extends string = string> {
  readonly space: SearchSpace<Name, Primitive>;
  /** f64[entries] */
  readonly alphas: Float64Array;
  /** What the file says of how its alphas are to be read. */
  readonly rule: Partial<DerivationRule>;
  /** Of which search method they are. */
  readonly method?: MethodName;
}

/** How a file is read. */
export interface AlphasReading<Name extends string = string, Primitive extends string = string> {
  /** The file's name, for messages. Default `alphas`. */
  readonly where?: string;
  /** Whose primitives a file has that names none. Default: all that the form knows. */
  readonly defaults?: SpaceForm<Name, Primitive>;
}

const matrix = z.array(z.array(z.number())).min(1);
type Matrix = z.infer<typeof matrix>;

const names = z.array(z.string()).min(1);
const settingsSchema = z.strictObject({
  /** One list for all cell types, or one for each. */
  primitives: z.union([names, z.record(z.string(), names)]).optional(),
  parameterisation: z.enum(['softmax', 'relu']).optional(),
  scope: z.enum(['edge', 'node']).optional(),
  samples: z.int().min(1).max(1000).optional(),
  method: z.enum(METHODS).optional(),
});

/**
 * Reads an alphas file: `{ CELL..., primitives?, parameterisation?, scope?, samples?, method? }`, with a row of numbers for each
 * edge under the name of every cell type: `normal` and `reduce` in convolutional spaces, `recurrent` in recurrent ones. A bare
 * list has the rows of one cell type after the other, as DARTS lists its alphas, or those of the only one.
 * @throws `file-corrupt`.
 */
export function parseAlphasFile<Name extends string, Primitive extends string>(
  form: SpaceForm<Name, Primitive>,
  text: string,
  reading: AlphasReading<Name, Primitive> = {},
): AlphasFile<Name, Primitive> {
  return alphasFromJson(form, parseAlphasJson(text, reading.where), reading);
}

/** The same of what the file's JSON says. @throws `file-corrupt`. */
export function alphasFromJson<Name extends string, Primitive extends string>(
  form: SpaceForm<Name, Primitive>,
  content: unknown,
  { where = 'alphas', defaults = form }: AlphasReading<Name, Primitive> = {},
): AlphasFile<Name, Primitive> {
  const byName = Array.isArray(content) ? listedCells(content, form, where) : content;
  const fields = new Map(Object.entries(read(z.record(z.string(), z.unknown()), byName, where)));
  const cells = form.cellTypes.map((cell, index) => {
    const { name } = cell;
    const rows = read(matrix, fields.get(name), where, name);
    fields.delete(name);
    return { name, cell, rows, fallback: defaults.cellTypes[index]?.primitives ?? [] };
  });
  const { primitives, method, ...rule } = read(settingsSchema, Object.fromEntries(fields), where);
  const ofCell = (name: Name): readonly string[] | undefined =>
    Array.isArray(primitives) ? primitives : primitives?.[name];
  const cellTypes = cells.map(({ name, cell, rows, fallback }): CellType<Name, Primitive> => {
    const given = ofCell(name);
    const candidates = given === undefined ? fallback : knownPrimitives(given, cell, where);
    const nodes = nodesOf(rows, cell, where);
    const wrong = rows.findIndex((row) => row.length !== candidates.length);
    if (wrong >= 0) {
      const found = `${rows[wrong]?.length} numbers`;
      throw corruptAlphas(where, `${name}.${wrong}`, `${candidates.length} numbers, one a primitive`, found);
    }
    return { ...cell, nodes, primitives: candidates };
  });
  return {
    space: { name: form.name, cellTypes },
    alphas: Float64Array.from(cells.flatMap(({ rows }) => rows.flat())),
    rule: withoutUndefined(rule),
    ...(method === undefined ? {} : { method }),
  };
}

/** The members of a bare list under the names of the cell types. */
function listedCells(content: readonly unknown[], { cellTypes }: SpaceForm, where: string) {
  const matrices = cellTypes.length === 1 && isMatrix(content) ? [content] : content;
  if (matrices.length !== cellTypes.length) {
    const expected = `the rows of each cell: ${cellTypes.map(({ name }) => name).join(', ')}`;
    throw corruptAlphas(where, '', expected, `a list of ${matrices.length}`);
  }
  return Object.fromEntries(cellTypes.map(({ name }, index) => [name, matrices[index]]));
}

/** Whether a list is one of rows, not of lists of rows. */
export function isMatrix([row]: readonly unknown[]): boolean {
  return Array.isArray(row) && !Array.isArray(row[0]);
}

function knownPrimitives<Primitive extends string>(
  given: readonly string[],
  { primitives }: CellForm<string, Primitive>,
  where: string,
): Primitive[] {
  const found = given.map((name, index) => {
    const known = primitives.find((primitive) => primitive === name);
    if (known === undefined) throw corruptAlphas(where, `primitives.${index}`, primitives.join(', '), name);
    return known;
  });
  if (new Set(found).size !== found.length)
    throw corruptAlphas(where, 'primitives', 'every primitive once', found.join(', '));
  return found;
}

/** How many nodes have so many edges: as many as the form says, where it does. */
function nodesOf(rows: Matrix, { name, inputs, nodes: known }: CellForm, where: string): number {
  let nodes = known ?? 1;
  while (known === undefined && edgeCount({ inputs, nodes }) < rows.length) nodes += 1;
  if (rows.length === edgeCount({ inputs, nodes })) return nodes;
  const counts = [1, 2, 3, 4].map((count) => edgeCount({ inputs, nodes: count }));
  const expected =
    known === undefined
      ? `a row an edge: ${counts.join(', ')}, ...`
      : `a row an edge: ${edgeCount({ inputs, nodes })}`;
  throw corruptAlphas(where, name, expected, `${rows.length} rows`);
}

/**
 * What the tensor of a cell type is called, alone or behind a prefix that ends in a point; that of the only cell type also as
 * DARTS's recurrent code has it, and others have it.
 */
export function alphasTensorNames({ cellTypes }: SpaceForm, name: string): string[] {
  return [...alphasCellNames(name), ...(cellTypes.length === 1 ? ['weights', 'alphas'] : [])];
}

/** Those that say which cell. */
export function alphasCellNames(name: string): string[] {
  return [`alphas_${name}`, name];
}

/** Whether a tensor's name is one of these, behind whatever prefix. */
export function isCalled(own: string, accepted: readonly string[]): boolean {
  return accepted.some((known) => own === known || own.endsWith(`.${known}`));
}

/**
 * Alphas from safetensors: for each cell type a tensor of one of `alphasTensorNames`, [edges, primitives]. Metadata of the names of the JSON fields says how they are read; lists are JSON there.
 * @throws `file-corrupt`.
 */
export function alphasFromTensors<Name extends string, Primitive extends string>(
  form: SpaceForm<Name, Primitive>,
  { tensors, metadata }: SafeTensors,
  reading: AlphasReading<Name, Primitive> = {},
): AlphasFile<Name, Primitive> {
  const { where = 'alphas' } = reading;
  const rows = (name: string): number[][] => {
    const accepted = alphasTensorNames(form, name);
    const [found, ...others] = [...tensors].filter(([own]) => isCalled(own, accepted));
    if (found === undefined || others.length > 0) {
      const known = [...tensors.keys()].slice(0, 5).join(', ') || 'no tensors';
      throw corruptAlphas(where, name, `one tensor named ${accepted.join(' or ')}`, known);
    }
    const [own, { shape, data }] = found;
    const [edges, width] = shape;
    if (shape.length !== 2 || edges === undefined || width === undefined)
      throw corruptAlphas(where, own, 'two dimensions: edges and primitives', `[${shape}]`);
    const values = Array.from(data, Number);
    return Array.from({ length: edges }, (_, edge) => values.slice(edge * width, (edge + 1) * width));
  };
  const fields: Record<string, unknown> = perCellType(form.cellTypes, ({ name }) => rows(name));
  const settings = Object.keys(settingsSchema.shape).flatMap((key) => {
    const text = metadata.get(key);
    if (text === undefined) return [];
    return [
      [
        key,
        key === 'primitives' || key === 'samples' ? parseAlphasJson(text, `${where}: ${key}`) : text,
      ] as const,
    ];
  });
  return alphasFromJson(form, { ...fields, ...Object.fromEntries(settings) }, reading);
}

/** Writes what `parseAlphasFile` reads, numbers to the last bit. */
export function printAlphasFile({ space, alphas, rule, method }: AlphasFile): string {
  const rows = Object.entries(rowsByEdge(alphas, space)).map(([name, edges]) => {
    const lines = edges.map((row) => `    [${row.join(', ')}]`);
    return `  ${JSON.stringify(name)}: [\n${lines.join(',\n')}\n  ]`;
  });
  const fields = Object.entries({
    ...(method === undefined ? {} : { method }),
    ...withoutUndefined(rule),
    primitives: primitivesField(space),
  }).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{\n${[...fields, ...rows].join(',\n')}\n}\n`;
}

/** One list where all cell types have the same. */
function primitivesField({ cellTypes }: SearchSpace) {
  const [first, ...others] = cellTypes.map(({ primitives }) => primitives);
  return others.every((list) => list.join() === first?.join())
    ? first
    : perCellType(cellTypes, ({ primitives }) => primitives);
}

function withoutUndefined(rule: { [K in keyof DerivationRule]?: DerivationRule[K] | undefined }) {
  const { samples, scope, parameterisation } = rule;
  return {
    ...(samples === undefined ? {} : { samples }),
    ...(scope === undefined ? {} : { scope }),
    ...(parameterisation === undefined ? {} : { parameterisation }),
  };
}

/** What an alphas file says, whatever it means. @throws `file-corrupt` where it is no JSON. */
export function parseAlphasJson(text: string, where = 'alphas'): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw corruptAlphas(where, '', 'JSON', error instanceof Error ? error.message : String(error));
  }
}

/** What the schema makes of `content`, the whole file or its member `path`. */
function read<T>(schema: z.ZodType<T>, content: unknown, where: string, path = ''): T {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const inside = [path, ...(issue?.path ?? [])].filter((step) => step !== '').join('.');
  throw corruptAlphas(where, inside, 'fields as the documentation lists them', issue?.message ?? '');
}

/** The error of an alphas file, at a path of its fields. */
export function corruptAlphas(where: string, path: string, expected: string, found: string): GenonnxError {
  return new GenonnxError('file-corrupt', 'The alphas file cannot be read.', {
    where: path === '' ? where : `${where}: ${path}`,
    expected,
    found: found.slice(0, 200),
    cure: 'Write the alphas of each cell as one list of numbers for every edge.',
  });
}
