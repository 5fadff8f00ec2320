// A run that is being made, wherever its files lie (`named-files.ts`): everything that one search or one training leaves.
//
//   config.json      what was asked, with every default resolved, versions, and checksums of the data
//   journal.jsonl    one line an epoch, only appended to
//   checkpoints/     what a resumed run continues from
//   genotype.json, model.onnx, report.html, ...   results
//   run.lock         who is working in it, while somebody is
//   failure.json     why it failed, until it goes on
//
// One process at a time may have a run open.
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { CheckpointStore } from './checkpoint.js';
import { differences } from './differences.js';
import { Journal } from './journal.js';
import { asJson, type Json, type JsonObject, jsonObjectSchema, jsonText, parseJson } from './json.js';
import { LockedFiles } from './locked-files.js';
import type { FileContent, Lock, NamedFiles } from './named-files.js';

/** The names of a run's files. */
export const runFiles = {
  config: 'config.json',
  journal: 'journal.jsonl',
  checkpoints: 'checkpoints',
  genotype: 'genotype.json',
  model: 'model.onnx',
  /** Of a language model: one word at a time. */
  step: 'model.step.onnx',
  vocabulary: 'vocabulary.txt',
  weights: 'weights.safetensors',
  report: 'report.html',
  lock: 'run.lock',
  failure: 'failure.json',
} as const;

/** What is written down of a run that failed. */
export const runFailureSchema = z.object({
  message: z.string(),
  /** ISO 8601. */
  at: z.string(),
});
export type RunFailure = z.infer<typeof runFailureSchema>;

/** Members of a configuration that may differ when a run is resumed. */
export const volatileKeys: readonly string[] = ['out', 'resume', 'createdAt', 'host', 'command'];

/** An open run. Whoever opened it closes it; a process that dies leaves nothing that the next must wait for. */
export interface RunStore {
  readonly config: JsonObject;
  readonly journal: Journal;
  readonly checkpoints: CheckpointStore;
  /** The file `name`; undefined where there is none. Throws `file-missing` where it cannot be read. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Writes `name` whole or not at all. Throws `output-unwritable`. */
  write(name: string, content: FileContent): Promise<void>;
  /** Writes `value` as JSON to `name`. Throws `output-unwritable`. */
  writeJson(name: string, value: unknown): Promise<void>;
  /** Lets others in; a second time does nothing. `failure`, why it failed, is written down for whoever looks at it. */
  close(failure?: unknown): Promise<void>;
  /** Closes a run that failed; one without a checkpoint is removed, since nothing of it is worth anything. */
  abandon(failure?: unknown): Promise<void>;
}

/**
 * Begins a run with `config`, which must be plain data. Throws `output-exists` when there are other files than those of a
 * run that never came to a checkpoint, `run-locked`, and `output-unwritable`; then no file of it remains.
 */
export async function createRun(files: NamedFiles, config: object): Promise<RunStore> {
  await requireFree(files);
  return withLock(files, async (lock, files) => {
    // Again, since somebody may have begun a run there in the meantime.
    await requireFree(files);
    const resolved = asJson(config);
    try {
      await files.remove(runFiles.journal);
      await files.write(runFiles.config, jsonText(resolved));
      return await open(files, resolved, lock);
    } catch (error) {
      await files.remove(runFiles.config);
      throw error;
    }
  });
}

export interface OpenOptions {
  /** Members that may differ, as dotted paths; whatever lies below them may differ too. Default `volatileKeys`. */
  readonly volatile?: readonly string[];
}

/**
 * Opens a run to continue it. With `expected`, its configuration must be that one. Throws `file-missing` when there is no
 * run, `resume-mismatch` with what differs, and `run-locked`.
 */
export async function openRun(
  files: NamedFiles,
  expected?: object,
  { volatile = volatileKeys }: OpenOptions = {},
): Promise<RunStore> {
  const where = files.where(runFiles.config);
  const bytes = await files.read(runFiles.config);
  if (bytes === undefined) {
    throw new GenonnxError('file-missing', 'There is no run here.', {
      where,
      expected: 'the configuration of a run',
      found: 'no such file',
      cure: 'Check the path, or start a new run.',
    });
  }
  const config = parseJson(new TextDecoder().decode(bytes), where, jsonObjectSchema);
  if (expected !== undefined) requireSame(where, asJson(expected), config, volatile);
  return withLock(files, async (lock, files) => {
    const store = await open(files, config, lock);
    await files.remove(runFiles.failure);
    return store;
  });
}

async function open(files: NamedFiles, config: JsonObject, lock: Lock): Promise<RunStore> {
  return {
    config,
    journal: await Journal.open(files, runFiles.journal),
    checkpoints: new CheckpointStore(files, runFiles.checkpoints),
    read: (name) => files.read(name),
    write: (name, content) => files.write(name, content),
    writeJson: (name, value) => files.write(name, jsonText(value)),
    close: async (failure) => {
      if (failure !== undefined) await writeFailure(files, failure);
      await lock.release();
    },
    abandon: async (failure) => {
      try {
        if (await hasCheckpoint(files)) {
          if (failure !== undefined) await writeFailure(files, failure);
          return;
        }
        await files.remove(runFiles.journal);
        await files.remove(runFiles.config);
      } catch (error) {
        // What there is, is another's now.
        if (!(error instanceof GenonnxError) || error.code !== 'lease-lost') throw error;
      } finally {
        await lock.release();
      }
    },
  };
}

/** A folder that cannot be written to, or is another's now, is no reason to hide what went wrong. */
async function writeFailure(files: NamedFiles, error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const failure: RunFailure = { message, at: new Date().toISOString() };
  await files.write(runFiles.failure, jsonText(failure)).catch(() => {});
}

/** `begin` is given the files as they can be changed while the lock is ours. */
async function withLock(
  files: NamedFiles,
  begin: (lock: Lock, files: NamedFiles) => Promise<RunStore>,
): Promise<RunStore> {
  const lock = await files.lock();
  try {
    return await begin(lock, new LockedFiles(files, lock));
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Throws `output-exists` when there is more than a process leaves that was killed before its first checkpoint. */
async function requireFree(files: NamedFiles): Promise<void> {
  const names = (await files.list('')).filter((name) => !name.startsWith(runFiles.lock));
  const isBegun = names.includes(runFiles.config) && !(await hasCheckpoint(files)) && (await isOurs(files));
  const begun: readonly string[] = isBegun ? [runFiles.config, runFiles.journal, runFiles.checkpoints] : [];
  const found = names.find((name) => !begun.includes(name));
  if (found === undefined) return;
  throw new GenonnxError('output-exists', 'The output folder exists already.', {
    where: files.where(''),
    expected: 'a folder that is empty or does not exist',
    found: `${found} in it`,
    cure: 'Choose another folder, delete this one, or continue its run with `resume`.',
  });
}

async function hasCheckpoint(files: NamedFiles): Promise<boolean> {
  return (await files.list(runFiles.checkpoints)).length > 0;
}

/** What searches and trainings say of themselves: other programs have a `config.json`, too. */
const ownSchema = z.looseObject({
  kind: z.enum(['search', 'train']),
  tools: z.looseObject({ genonnx: z.string() }),
});

async function isOurs(files: NamedFiles): Promise<boolean> {
  const bytes = await files.read(runFiles.config);
  try {
    return ownSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).success;
  } catch {
    return false;
  }
}

function requireSame(
  where: string,
  expected: JsonObject,
  found: JsonObject,
  volatile: readonly string[],
): void {
  const isVolatile = (path: string) => volatile.some((key) => path === key || path.startsWith(`${key}.`));
  const differing = differences(expected, found).filter(({ path }) => !isVolatile(path));
  if (differing.length === 0) return;
  const shown = differing.slice(0, maxShown);
  const rest = differing.length > shown.length ? [`and ${differing.length - shown.length} more`] : [];
  throw new GenonnxError('resume-mismatch', 'This run was made with another configuration.', {
    where,
    expected: [...shown.map(({ path, expected }) => `${path} = ${textOf(expected)}`), ...rest].join(', '),
    found: [...shown.map(({ path, found }) => `${path} = ${textOf(found)}`), ...rest].join(', '),
    cure: 'Resume with the settings of that run, or start a new run in another folder.',
  });
}

/** Differences that a message lists. */
const maxShown = 8;

function textOf(value: Json | undefined): string {
  const text = value === undefined ? '(none)' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
