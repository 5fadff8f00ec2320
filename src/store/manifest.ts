// What a published run says of itself: every file with its SHA-256, and the machines that made it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { runFiles } from '../runs/run-store.js';
import { isTemporary } from '../runs/temporary-names.js';

/** The manifest's own file, in the folder of a published run. */
export const manifestFile = 'published.json';
/** The standard error of the commands that made it, there, too. */
export const logFile = 'command.log';

/** A relative path of letters that every file system takes: nothing that leads out of the run's folder. */
export const relativePath = z
  .string()
  .max(400)
  .regex(/^[\w@+=,()-][\w.@+=,()-]*(?:\/[\w@+=,()-][\w.@+=,()-]*)*$/);

/** A time that a machine worked on the run. */
export const attemptSchema = z.object({
  host: z.string(),
  /** The checkpoint that it went on from; null at the beginning. */
  from: z.string().nullable(),
});
export type Attempt = z.infer<typeof attemptSchema>;

export const publishedSchema = z.object({
  format: z.literal(1),
  id: z.string(),
  attempts: z.array(attemptSchema),
  /** Whether it went on from a checkpoint of another machine: bytes are promised on one machine alone. */
  continuedElsewhere: z.boolean(),
  files: z.record(relativePath, z.string().regex(/^[0-9a-f]{64}$/)),
});
export type Published = z.infer<typeof publishedSchema>;

/** @param folder Of a run in which nobody works. */
export async function describeRun(
  id: string,
  folder: string,
  attempts: readonly Attempt[],
): Promise<Published> {
  const files: [string, string][] = [];
  for (const name of await filesIn(folder)) files.push([name, await sha256Of(join(folder, name))]);
  return {
    format: 1,
    id,
    attempts: [...attempts],
    continuedElsewhere: isContinuedElsewhere(attempts),
    files: Object.fromEntries(files),
  };
}

export function isContinuedElsewhere(attempts: readonly Attempt[]): boolean {
  return attempts.some(
    ({ host, from }, index) => from !== null && index > 0 && attempts[index - 1]?.host !== host,
  );
}

/** The files of a run, as they are published: without locks, temporary files, and the manifest. In order. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !isTemporary(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    )
    .filter((name) => name !== manifestFile && !name.startsWith(runFiles.lock))
    .sort();
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Files that hold times or names of machines, and differ each time that the same run is made. */
const timed = new RegExp(
  `^(?:${runFiles.config}|${runFiles.journal}|${runFiles.report}|${logFile}|${runFiles.checkpoints}/.*)$`,
);

/** The files in which two runs of one identity differ, though they should not. */
export function differingFiles(first: Published, second: Published): string[] {
  const names = new Set([...Object.keys(first.files), ...Object.keys(second.files)]);
  return [...names].filter((name) => !timed.test(name) && first.files[name] !== second.files[name]).sort();
}
