// What `config.json` of a run folder holds: what kind of run it is, everything that determines it, and what it was made
// with.
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { type TaskName, taskField } from '../tasks/names.js';

const versions = { genonnx: z.string(), onnxruntime: z.string() };

/** Of the package and the runtime, and what they ran in: Node's version, or what a browser calls itself. */
const toolsSchema = z.union([
  z.object({ ...versions, node: z.string() }),
  z.object({ ...versions, browser: z.string() }),
]);

/** The layout that was chosen for the machine: it decides the order of additions, and so the last bits. */
const layoutSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('portable') }),
  z.object({ kind: z.literal('blocked'), block: z.number() }),
]);

/** What was chosen for the machine; runs that do not say it were ONNX Runtime's. */
const engineSchema = z.enum(['ort', 'tfjs']).default('ort');

const surroundingsSchema = z.object({ engine: engineSchema, tools: toolsSchema });

/** What calculates: no other gives the same bits. */
export type Surroundings = z.infer<typeof surroundingsSchema>;

export function manifestSchema<S extends z.ZodType>(kind: 'search' | 'train', task: TaskName, settings: S) {
  return z.object({
    kind: z.literal(kind),
    task: taskField.pipe(z.literal(task)),
    settings,
    engine: engineSchema,
    layout: layoutSchema,
    data: z.object({ name: z.string(), checksums: z.record(z.string(), z.string()) }),
    tools: toolsSchema,
    continued: z.array(surroundingsSchema).optional(),
  });
}

export type Manifest<C> = {
  readonly kind: 'search' | 'train';
  readonly task: TaskName;
  readonly settings: C;
  readonly engine: z.infer<typeof engineSchema>;
  readonly layout: z.infer<typeof layoutSchema>;
  readonly data: { readonly name: string; readonly checksums: Readonly<Record<string, string>> };
  readonly tools: z.infer<typeof toolsSchema>;
  /** Where it went on, each time that it was elsewhere than before: nobody can repeat such a run to the bit. */
  readonly continued?: readonly Surroundings[] | undefined;
};

/**
 * Where a run has gone on, now that it goes on `here`; the same list where it is there already. Another version is no other
 * place.
 */
export function continuedOn(
  { engine, tools, continued = [] }: Pick<Manifest<unknown>, 'engine' | 'tools' | 'continued'>,
  here: Surroundings,
): readonly Surroundings[] {
  const last = continued.at(-1) ?? { engine, tools };
  return placeText(last) === placeText(here) ? continued : [...continued, here];
}

/** `tfjs in Node`, `ort in a browser` */
export function placeText({ engine, tools }: Surroundings): string {
  return `${engine} in ${'browser' in tools ? 'a browser' : 'Node'}`;
}

/** @throws GenonnxError `resume-mismatch` when the data is not that of the run. */
export function requireSameData(
  manifest: Manifest<unknown>,
  { checksums }: Pick<Manifest<unknown>['data'], 'checksums'>,
): void {
  const differing = Object.entries(manifest.data.checksums).find(([file, sum]) => checksums[file] !== sum);
  if (differing === undefined) return;
  throw new GenonnxError('resume-mismatch', 'The data set is not the one that this run was made with.', {
    where: differing[0],
    expected: `sha256 ${differing[1].slice(0, 16)}...`,
    found: `sha256 ${(checksums[differing[0]] ?? 'none').slice(0, 16)}...`,
    cure: 'Restore the data, or start a new run in another folder.',
  });
}
