// The searches of a study on a table, each a command of its own in a folder of the study.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256Hex } from '../../hash.js';
import { runFiles } from '../../runs/run-store.js';
import { type StartChild, untilFree } from '../../study/child-process.js';
import { argumentsOf, type ChildOptions } from '../../study/child-settings.js';
import { isSearched } from '../../study/read-run.js';
import type { TaskName } from '../../tasks/names.js';
import type { Declaration } from '../declaration.js';
import type { Searched, TableStudy } from './config.js';

/** The command line of a method's search: the table's task, data and sizes, and the settings of the study. */
export function searchArguments(
  task: TaskName,
  { data, limit, train }: Declaration,
  { threads }: TableStudy,
  { settings }: Searched,
  seed: number,
  { search }: ChildOptions,
): string[] {
  const common = { task, data, ...(limit === undefined ? {} : { limit }), seed, threads };
  // Networks of the table's sizes, as far as a search has them.
  const sizes = Object.entries(train).filter(
    ([path]) => ['stages', 'cells', 'channels', 'stemStride', 'width'].includes(path) && !(path in settings),
  );
  return [
    ...Object.entries(common).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ...argumentsOf(search, { ...Object.fromEntries(sizes), ...settings }),
  ];
}

/** What a search is called in the folder of a study: after its whole command line, which determines it. */
export function searchName({ method }: Searched, args: readonly string[]): string {
  return `${method}-${sha256Hex(args.join('\n')).slice(0, 12)}`;
}

/** Why the search has failed, or undefined where it has not; one that was begun is continued. */
export async function searchIn(
  folder: string,
  args: readonly string[],
  start: StartChild,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (isSearched(folder) || signal.aborted) return undefined;
  await untilFree(folder, signal);
  await mkdir(dirname(folder), { recursive: true });
  const whole = existsSync(join(folder, runFiles.config))
    ? ['search', '--resume', folder]
    : ['search', ...args, '--out', folder];
  const { exitCode, lastLines } = await start(whole, { log: `${folder}.log`, signal });
  return exitCode === 0 || signal.aborted ? undefined : (lastLines.at(-1) ?? `exit code ${exitCode}`);
}
