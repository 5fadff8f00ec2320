// A job: a command of ours that is run once, wherever that is, and everything that determines what it leaves. Its id is the
// hash of that, and the name of its folder in the store: who asks for the same run, in any study, is given the same one.
import { z } from 'zod';
import { sha256Hex } from '../hash.js';

/** What determines a run. */
export interface JobIdentity {
  /** `train`: the word that the id begins with. */
  readonly kind: string;
  /** With every default resolved; as plain data. */
  readonly configuration: object;
  /** Of every file that it reads: its name, or that of its data set, to a checksum. */
  readonly checksums: Readonly<Record<string, string>>;
  /** Names and versions of what calculates. */
  readonly tools: Readonly<Record<string, string>>;
}

/** `train-` and 32 hexadecimal digits. The order in which members stand does not matter. */
export function jobIdOf({ kind, ...determining }: JobIdentity): string {
  return `${kind}-${hashOf({ kind, ...determining }).slice(0, 32)}`;
}

/** The SHA-256 of plain data, whatever the order of its members. */
export function hashOf(value: object): string {
  return sha256Hex(JSON.stringify(ordered(JSON.parse(JSON.stringify(value)))));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  const members = z.record(z.string(), z.unknown()).safeParse(value);
  if (!members.success) return value;
  const names = Object.keys(members.data).sort();
  return Object.fromEntries(names.map((name) => [name, ordered(members.data[name])]));
}

/** What the queue holds of a job. */
export const jobDataSchema = z.object({
  /** Of the command, without the folder of the run. */
  args: z.array(z.string()),
  /** For people: `search: DATA M=4, seed 1`. */
  title: z.string(),
  /** How often it was left to the machine that has its checkpoint. */
  passes: z.int().min(0),
});
export type JobData = z.infer<typeof jobDataSchema>;

/** What its worker says of a job while it runs. Times are the worker's. */
export const jobProgressSchema = z.object({
  host: z.string(),
  worker: z.string(),
  /** Of the record that it wrote last, `{ epoch: 3, ... }`: whatever of it is a number. */
  figures: z.record(z.string(), z.number()),
  /** Whether it goes on from a checkpoint of another machine. */
  continuedElsewhere: z.boolean(),
});
export type JobProgress = z.infer<typeof jobProgressSchema>;

/** How a command ended. */
export const jobResultSchema = z.object({
  exitCode: z.int(),
  lastLines: z.array(z.string()),
  host: z.string(),
  /** SHA-256 of the manifest of what was published; absent where it failed. */
  manifest: z.string().optional(),
});
export type JobResult = z.infer<typeof jobResultSchema>;

/** How a job failed. */
export function failureOf(failedReason: string | undefined): JobResult {
  try {
    const result = jobResultSchema.safeParse(JSON.parse(failedReason ?? ''));
    if (result.success) return result.data;
  } catch {
    // The queue itself gave the job up: its machines died under it too often.
  }
  return { exitCode: 1, lastLines: [failedReason ?? 'It was given up.'], host: 'unknown' };
}
