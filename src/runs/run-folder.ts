// A run folder: everything that one search or one training leaves, in plain files.
//
//   config.json      what was asked, with every default resolved, versions, and checksums of the data
//   journal.jsonl    one line an epoch, only appended to
//   checkpoints/     what a resumed run continues from
//   genotype.json, model.onnx, report.html, ...   results
//   run.lock         who is working in it, while somebody is
//
// One process at a time may have a run folder open.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GenonnxError } from '../errors.js';
import { isTemporary, writeFileAtomic, writeJsonAtomic } from './atomic.js';
import { CheckpointStore } from './checkpoint.js';
import { asUnwritable, systemCode } from './file-errors.js';
import { Journal } from './journal.js';
import { asJson, type Json, type JsonObject, jsonObjectSchema, readJson } from './json.js';
import { acquireLock, type Lock } from './lock.js';

/** The names inside of a run folder. */
export const runFiles = {
  config: 'config.json',
  journal: 'journal.jsonl',
  checkpoints: 'checkpoints',
  genotype: 'genotype.json',
  model: 'model.onnx',
  weights: 'weights.safetensors',
  report: 'report.html',
  lock: 'run.lock',
} as const;

/** Members of a configuration that may differ when a run is resumed. */
export const volatileKeys: readonly string[] = ['out', 'resume', 'createdAt', 'host', 'command'];

/** An open run folder. Whoever opened it closes it; a process that dies leaves nothing that the next must wait for. */
export class RunFolder {
  private constructor(
    /** Absolute. */
    readonly path: string,
    readonly config: JsonObject,
    readonly journal: Journal,
    readonly checkpoints: CheckpointStore,
    private readonly lock: Lock,
  ) {}

  static async open(path: string, config: JsonObject, lock: Lock): Promise<RunFolder> {
    const journal = await Journal.open(join(path, runFiles.journal));
    return new RunFolder(path, config, journal, new CheckpointStore(join(path, runFiles.checkpoints)), lock);
  }

  /** The path of `name` in this folder. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes `name` whole or not at all. Throws `output-unwritable`. */
  async write(name: string, data: string | Uint8Array): Promise<void> {
    await writeFileAtomic(this.file(name), data);
  }

  /** Writes `value` as JSON to `name`. Throws `output-unwritable`. */
  async writeJson(name: string, value: unknown): Promise<void> {
    await writeJsonAtomic(this.file(name), value);
  }

  /** Closes the journal and lets others in; a second time does nothing harmful. */
  async close(): Promise<void> {
    await this.journal.close();
    this.lock.release();
  }
}

/**
 * Makes the run folder `path` with `config`, which must be plain data. Throws `output-exists` when there is something
 * in it, `run-locked`, and `output-unwritable`; then nothing of it remains.
 */
export async function createRunFolder(path: string, config: object): Promise<RunFolder> {
  const folder = resolve(path);
  let firstMade: string | undefined;
  try {
    await requireEmpty(folder);
    firstMade = await mkdir(folder, { recursive: true });
  } catch (error) {
    throw asUnwritable(error, folder);
  }
  try {
    return await withLock(folder, async (lock) => {
      // Again, since somebody may have begun a run there in the meantime.
      await requireEmpty(folder);
      return begin(folder, asJson(config), lock);
    });
  } catch (error) {
    // Where another process has won the folder, it is that one's now.
    const isOthers = error instanceof GenonnxError && ['run-locked', 'output-exists'].includes(error.code);
    if (firstMade !== undefined && !isOthers) await rm(firstMade, { recursive: true, force: true });
    throw error;
  }
}

async function begin(folder: string, config: JsonObject, lock: Lock): Promise<RunFolder> {
  try {
    await writeJsonAtomic(join(folder, runFiles.config), config);
    return await RunFolder.open(folder, config, lock);
  } catch (error) {
    await rm(join(folder, runFiles.config), { force: true });
    throw error;
  }
}

export interface OpenOptions {
  /** Members that may differ, as dotted paths; whatever lies below them may differ too. Default `volatileKeys`. */
  readonly volatile?: readonly string[];
}

/**
 * Opens the run folder `path` to continue its run. With `expected`, its configuration must be that one. Throws
 * `file-missing` when it is no run folder, `resume-mismatch` with what differs, and `run-locked`.
 */
export async function openRunFolder(
  path: string,
  expected?: object,
  { volatile = volatileKeys }: OpenOptions = {},
): Promise<RunFolder> {
  const folder = resolve(path);
  const configPath = join(folder, runFiles.config);
  const config = await readJson(configPath, jsonObjectSchema);
  if (expected !== undefined) requireSame(configPath, asJson(expected), config, volatile);
  return withLock(folder, (lock) => RunFolder.open(folder, config, lock));
}

async function withLock(folder: string, open: (lock: Lock) => Promise<RunFolder>): Promise<RunFolder> {
  const lock = acquireLock(join(folder, runFiles.lock));
  try {
    return await open(lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Throws `output-exists` when `folder` is a file, or holds more than a killed process leaves before it has begun. */
async function requireEmpty(folder: string): Promise<void> {
  let found: string | undefined;
  try {
    found = (await readdir(folder)).find((name) => !name.startsWith(runFiles.lock) && !isTemporary(name));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  if (found === undefined) return;
  throw new GenonnxError('output-exists', 'The output folder exists already.', {
    where: folder,
    expected: 'a folder that is empty or does not exist',
    found: `${found} in it`,
    cure: 'choose another folder, delete this one, or continue its run with --resume',
  });
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
    cure: 'resume with the settings of that run, or start a new run in another folder',
  });
}

/** Differences that a message lists. */
const maxShown = 8;

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

function textOf(value: Json | undefined): string {
  const text = value === undefined ? '(none)' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
