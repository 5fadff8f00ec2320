// Checkpoints: what a run needs to continue as if it had never stopped. One checkpoint is two files, and a pointer names
// the newest whole one:
//
//   000012.safetensors   the arrays
//   000012.json          the state, the journal's length, the best checkpoint so far, the SHA-256 of the arrays
//   last.json            { "checkpoint": "000012" }
//
// They are written in this order, each whole or not at all, under a number that was never used; so a kill at any moment
// leaves the pointer at a whole checkpoint. The one before stays until the next, for disks that lose what they promised.
import { z } from 'zod';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../graphs/safetensors.js';
import { GenonnxError } from '../errors.js';
import { sha256Hex } from '../hash.js';
import { jsonText, parseJson } from './json.js';
import type { NamedFiles } from './named-files.js';
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

/** The checkpoints of a run. One process at a time makes them: the run's lock sees to it. */
export class CheckpointStore {
  private current: Lineage | undefined;

  /** `folder`: the name of the folder of the checkpoints; it is made when the first one is written. */
  constructor(
    private readonly files: NamedFiles,
    private readonly folder: string,
  ) {}

  /**
   * The checkpoint to continue from: the newest whole one; undefined when none was finished. Damaged ones are passed over;
   * when there are only damaged ones, or the state is not what `schema` says, it throws `file-corrupt`.
   */
  async resume<S>(schema: z.ZodType<S>): Promise<Checkpoint<S> | undefined> {
    const found = await this.newestWhole();
    if (found === undefined) return undefined;
    this.current = { name: found.name, best: found.record.best };
    return this.checkpointOf(found, schema);
  }

  /** The best checkpoint as the newest whole one knows it; undefined when none was called the best. */
  async best<S>(schema: z.ZodType<S>): Promise<Checkpoint<S> | undefined> {
    const best = (await this.newestWhole())?.record.best;
    return best === null || best === undefined
      ? undefined
      : this.checkpointOf(await this.readWhole(best), schema);
  }

  /** Writes a checkpoint and then forgets those that are needed no more. Throws `output-unwritable`. */
  async write({ arrays, state, journalBytes, best }: CheckpointContents): Promise<string> {
    const previous = this.current;
    const used = await this.names();
    const name = String(Math.max(0, ...used.map(Number)) + 1).padStart(6, '0');
    const bytes = encodeSafetensors(Object.entries(arrays).map(([key, array]) => [key, tensorOf(array)]));
    const record: CheckpointRecord = {
      format: 1,
      arrays: sha256Hex(bytes),
      journalBytes,
      best: best === true ? name : (previous?.best ?? null),
      state,
    };
    await this.files.write(this.file(`${name}.safetensors`), bytes);
    const sealed = { sha256: sha256Hex(JSON.stringify(record)), record };
    await this.files.write(this.file(`${name}.json`), jsonText(sealed));
    await this.files.write(this.file('last.json'), jsonText({ checkpoint: name }));
    this.current = { name, best: record.best };
    await this.prune([name, record.best, previous?.name, previous?.best]);
    return name;
  }

  private async prune(kept: readonly (string | null | undefined)[]): Promise<void> {
    for (const file of await this.files.list(this.folder)) {
      const [number] = file.split('.');
      if (checkpointFile.test(file) && !kept.includes(number)) await this.files.remove(this.file(file));
    }
    await this.files.sweep(this.folder);
  }

  /** The pointer's checkpoint, or else the newest before it that is whole. */
  private async newestWhole(): Promise<Found | undefined> {
    const names = (await this.names()).sort((a, b) => Number(b) - Number(a));
    const pointed = await this.pointed();
    const candidates =
      pointed === undefined ? names : names.filter((name) => Number(name) <= Number(pointed));
    let damage: GenonnxError | undefined;
    for (const name of candidates) {
      try {
        return await this.readWhole(name);
      } catch (error) {
        if (!(error instanceof GenonnxError)) throw error;
        damage ??= error;
      }
    }
    // Without a pointer no checkpoint was ever finished; with one, there was something to lose.
    if (damage !== undefined && pointed !== undefined) throw damage;
    if (pointed !== undefined) throw missing(this.where(`${pointed}.json`));
    return undefined;
  }

  /** The name in `last.json`; undefined when the file is missing or damaged. */
  private async pointed(): Promise<string | undefined> {
    try {
      return (await this.readJson('last.json', pointerSchema)).checkpoint;
    } catch (error) {
      if (error instanceof GenonnxError) return undefined;
      throw error;
    }
  }

  private async readWhole(name: string): Promise<Found> {
    const { sha256: expected, record } = await this.readJson(`${name}.json`, fileSchema);
    requireHash(this.where(`${name}.json`), expected, sha256Hex(JSON.stringify(record)));
    const where = this.where(`${name}.safetensors`);
    const bytes = await this.files.read(this.file(`${name}.safetensors`));
    if (bytes === undefined) throw missing(where);
    requireHash(where, record.arrays, sha256Hex(bytes));
    const arrays: Record<string, StoredArray> = {};
    for (const [key, tensor] of decodeSafetensors(bytes, where).tensors) {
      if (tensor.dtype === 'F32' || tensor.dtype === 'F64') {
        arrays[key] = { shape: tensor.shape, data: tensor.data };
      }
    }
    return { name, record, arrays };
  }

  private checkpointOf<S>({ name, record, arrays }: Found, schema: z.ZodType<S>): Checkpoint<S> {
    const state = parseJson(JSON.stringify(record.state ?? null), this.where(`${name}.json`), schema);
    return { name, arrays, state, journalBytes: record.journalBytes };
  }

  /** The numbers of which there is any file. */
  private async names(): Promise<string[]> {
    const files = (await this.files.list(this.folder)).filter((file) => checkpointFile.test(file));
    return [...new Set(files.map((file) => file.split('.')[0]!))];
  }

  private async readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
    const bytes = await this.files.read(this.file(file));
    if (bytes === undefined) throw missing(this.where(file));
    return parseJson(new TextDecoder().decode(bytes), this.where(file), schema);
  }

  private file(name: string): string {
    return `${this.folder}/${name}`;
  }

  private where(name: string): string {
    return this.files.where(this.file(name));
  }
}

interface Found {
  readonly name: string;
  readonly record: CheckpointRecord;
  readonly arrays: Arrays;
}

const checkpointFile = /^\d{6,}\.(?:json|safetensors)$/;

function tensorOf({ shape, data }: StoredArray): SafeTensor {
  return data instanceof Float32Array ? { dtype: 'F32', shape, data } : { dtype: 'F64', shape, data };
}

function requireHash(where: string, expected: string, found: string): void {
  if (found === expected) return;
  throw new GenonnxError('file-corrupt', 'This file of a checkpoint is damaged.', {
    where,
    expected: `SHA-256 ${expected}`,
    found,
    cure: 'Restore the file from a copy, or start a new run.',
  });
}

function missing(where: string): GenonnxError {
  return new GenonnxError('file-missing', 'A file of this checkpoint is not there.', {
    where,
    cure: 'Restore the file from a copy, or start a new run.',
  });
}
