// Checkpoints: what a run needs to continue as if it had never stopped. One checkpoint is two files, and a pointer names
// the newest whole one:
//
//   000012.safetensors   the arrays
//   000012.json          the state, the journal's length, the best checkpoint so far, the SHA-256 of the arrays
//   last.json            { "checkpoint": "000012" }
//
// They are written in this order, each whole or not at all, under a number that was never used; so a kill at any moment
// leaves the pointer at a whole checkpoint. The one before stays until the next, for disks that lose what they promised.
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../graphs/safetensors.js';
import { GenonnxError } from '../errors.js';
import { sha256Hex } from '../hash.js';
import { isTemporary, writeFileAtomic, writeJsonAtomic } from './atomic.js';
import { asUnreadable, asUnwritable, systemCode } from './file-errors.js';
import { parseJson, readJson } from './json.js';
import type { Arrays, StoredArray } from './snapshot.js';

export interface CheckpointContents {
  readonly arrays: Arrays;
  /** JSON-compatible; read back through the schema of the caller. */
  readonly state: unknown;
  /** Length of the journal at this moment, in bytes. */
  readonly journalBytes: number;
  /** Whether it is the best one so far, and so is kept until there is a better one. */
  readonly best?: boolean;
}

export interface Checkpoint<S> {
  /** Its number, six digits. */
  readonly name: string;
  readonly arrays: Arrays;
  readonly state: S;
  readonly journalBytes: number;
}

const name = z.string().regex(/^\d{6,}$/);
const pointerSchema = z.object({ checkpoint: name });
const recordSchema = z.object({
  format: z.literal(1),
  /** SHA-256 of the arrays' file, hexadecimal. */
  arrays: z.string(),
  journalBytes: z.int().min(0),
  /** The best checkpoint when this one was written, perhaps itself. */
  best: name.nullable(),
  state: z.unknown(),
});
/** The file of a checkpoint: its record, and the SHA-256 of the record's JSON, so that a torn one is noticed. */
const fileSchema = z.object({ sha256: z.string(), record: recordSchema });

type CheckpointRecord = z.infer<typeof recordSchema>;
interface Lineage {
  readonly name: string;
  readonly best: string | null;
}

/** The checkpoints of a run that is being made. One process at a time: the run folder's lock sees to it. */
export class CheckpointStore {
  private current: Lineage | undefined;

  /** `folder`: where the checkpoints lie; it is made when the first one is written. */
  constructor(readonly folder: string) {}

  /** The checkpoint to continue from; undefined when none was finished. Throws `file-corrupt` when all are damaged. */
  async resume<S>(schema: z.ZodType<S>): Promise<Checkpoint<S> | undefined> {
    const found = await newestWhole(this.folder);
    if (found === undefined) return undefined;
    this.current = { name: found.name, best: found.record.best };
    return checkpointOf(this.folder, found, schema);
  }

  /** Writes a checkpoint and then forgets those that are needed no more. Throws `output-unwritable`. */
  async write({ arrays, state, journalBytes, best }: CheckpointContents): Promise<string> {
    const previous = this.current;
    try {
      await mkdir(this.folder, { recursive: true });
    } catch (error) {
      throw asUnwritable(error, this.folder);
    }
    const used = await namesIn(this.folder);
    const name = String(Math.max(0, ...used.map(Number)) + 1).padStart(6, '0');
    const bytes = encodeSafetensors(Object.entries(arrays).map(([key, array]) => [key, tensorOf(array)]));
    const record: CheckpointRecord = {
      format: 1,
      arrays: sha256Hex(bytes),
      journalBytes,
      best: best === true ? name : (previous?.best ?? null),
      state,
    };
    await writeFileAtomic(join(this.folder, `${name}.safetensors`), bytes);
    await writeJsonAtomic(join(this.folder, `${name}.json`), {
      sha256: sha256Hex(JSON.stringify(record)),
      record,
    });
    await writeJsonAtomic(join(this.folder, 'last.json'), { checkpoint: name });
    this.current = { name, best: record.best };
    await this.prune([name, record.best, previous?.name, previous?.best]);
    return name;
  }

  private async prune(kept: readonly (string | null | undefined)[]): Promise<void> {
    for (const file of await readdir(this.folder)) {
      const [number] = file.split('.');
      const isOld = checkpointFile.test(file) && !kept.includes(number);
      if (isOld || isTemporary(file)) await rm(join(this.folder, file), { force: true });
    }
  }
}

/**
 * The newest whole checkpoint in `folder`; undefined when none was finished. Damaged ones are passed over; when there
 * are only damaged ones, or the state is not what `schema` says, it throws `file-corrupt`.
 */
export async function readLastCheckpoint<S>(
  folder: string,
  schema: z.ZodType<S>,
): Promise<Checkpoint<S> | undefined> {
  const found = await newestWhole(folder);
  return found === undefined ? undefined : checkpointOf(folder, found, schema);
}

/** The best checkpoint as the newest whole one knows it; undefined when none was called the best. */
export async function readBestCheckpoint<S>(
  folder: string,
  schema: z.ZodType<S>,
): Promise<Checkpoint<S> | undefined> {
  const best = (await newestWhole(folder))?.record.best;
  return best === null || best === undefined
    ? undefined
    : checkpointOf(folder, await readWhole(folder, best), schema);
}

interface Found {
  readonly name: string;
  readonly record: CheckpointRecord;
  readonly arrays: Arrays;
}

const checkpointFile = /^\d{6,}\.(?:json|safetensors)$/;

/** The pointer's checkpoint, or else the newest before it that is whole. */
async function newestWhole(folder: string): Promise<Found | undefined> {
  const names = (await namesIn(folder)).sort((a, b) => Number(b) - Number(a));
  const pointed = await pointedIn(folder);
  const candidates = pointed === undefined ? names : names.filter((name) => Number(name) <= Number(pointed));
  let damage: GenonnxError | undefined;
  for (const name of candidates) {
    try {
      return await readWhole(folder, name);
    } catch (error) {
      if (!(error instanceof GenonnxError)) throw error;
      damage ??= error;
    }
  }
  // Without a pointer no checkpoint was ever finished; with one, there was something to lose.
  if (damage !== undefined && pointed !== undefined) throw damage;
  if (pointed !== undefined) throw missing(join(folder, `${pointed}.json`));
  return undefined;
}

/** The name in `last.json`; undefined when the file is missing or damaged. */
async function pointedIn(folder: string): Promise<string | undefined> {
  try {
    return (await readJson(join(folder, 'last.json'), pointerSchema)).checkpoint;
  } catch (error) {
    if (error instanceof GenonnxError) return undefined;
    throw error;
  }
}

async function readWhole(folder: string, name: string): Promise<Found> {
  const path = join(folder, `${name}.json`);
  const { sha256: expected, record } = await readJson(path, fileSchema);
  requireHash(path, expected, sha256Hex(JSON.stringify(record)));
  const arraysPath = join(folder, `${name}.safetensors`);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(arraysPath);
  } catch (error) {
    throw asUnreadable(error, arraysPath, 'the arrays of a checkpoint');
  }
  requireHash(arraysPath, record.arrays, sha256Hex(bytes));
  const arrays: Record<string, StoredArray> = {};
  for (const [key, tensor] of decodeSafetensors(bytes, arraysPath).tensors) {
    if (tensor.dtype === 'F32' || tensor.dtype === 'F64') {
      arrays[key] = { shape: tensor.shape, data: tensor.data };
    }
  }
  return { name, record, arrays };
}

function checkpointOf<S>(
  folder: string,
  { name, record, arrays }: Found,
  schema: z.ZodType<S>,
): Checkpoint<S> {
  const where = join(folder, `${name}.json`);
  const state = parseJson(JSON.stringify(record.state ?? null), where, schema);
  return { name, arrays, state, journalBytes: record.journalBytes };
}

function tensorOf({ shape, data }: StoredArray): SafeTensor {
  return data instanceof Float32Array ? { dtype: 'F32', shape, data } : { dtype: 'F64', shape, data };
}

/** The numbers of which there is any file in `folder`. */
async function namesIn(folder: string): Promise<string[]> {
  let files: string[];
  try {
    files = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw asUnreadable(error, folder, 'a folder of checkpoints');
  }
  const names = files.filter((file) => checkpointFile.test(file)).map((file) => file.split('.')[0]!);
  return [...new Set(names)];
}

function requireHash(where: string, expected: string, found: string): void {
  if (found === expected) return;
  throw new GenonnxError('file-corrupt', 'This file of a checkpoint is damaged.', {
    where,
    expected: `SHA-256 ${expected}`,
    found,
    cure: 'restore the file from a copy, or start a new run',
  });
}

function missing(where: string): GenonnxError {
  return new GenonnxError('file-missing', 'The checkpoint that last.json names is not there.', {
    where,
    cure: 'restore the file from a copy, or start a new run',
  });
}
