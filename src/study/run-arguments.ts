// What the command line of every run says beside its settings.
import type { TaskName } from '../tasks/tasks.js';

/** Of a search or a training. */
export interface RunBasics {
  readonly task: TaskName;
  readonly preset: string;
  readonly data: string;
  readonly limit?: number | undefined;
  readonly seed: number;
  readonly threads: number;
}

/** In the order in which they are always said. */
export function basicArguments({ task, preset, data, limit, seed, threads }: RunBasics): string[] {
  const settings = { task, preset, data, ...(limit === undefined ? {} : { limit }), seed, threads };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Of a training: what is trained. */
export function genotypeArguments(genotype: string): string[] {
  return ['--genotype', genotype];
}

/** Of a run that is begun. */
export function placeArguments(folder: string): string[] {
  return ['--out', folder];
}
