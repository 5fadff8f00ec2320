// A store in a folder that all machines share.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, constants, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { syncFolder, temporaryPath, writeJsonAtomic } from '../runs/atomic.js';
import { asUnwritable, systemCode } from '../runs/file-errors.js';
import { readJournal } from '../runs/journal-file.js';
import { readJson } from '../runs/json-file.js';
import { acquireLock } from '../runs/lock.js';
import { runFiles } from '../runs/run-store.js';
import {
  attemptSchema,
  describeRun,
  differingFiles,
  logFile,
  manifestFile,
  type Published,
  publishedSchema,
  sha256Of,
} from './manifest.js';
import type { Begun, Publication, Store, Workplace } from './store.js';

/** Of a run: the name of a folder, and nothing else. */
export const idSchema = z
  .string()
  .max(100)
  .regex(/^[a-z0-9][a-z0-9-]*$/);
const storeSchema = z.object({ format: z.literal(1), id: z.string() });
const pointerSchema = z.object({ checkpoint: z.string() });

export class FolderStore implements Store {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  get shown(): string {
    return this.path;
  }

  /** Makes the store where there is none. @throws GenonnxError `output-unwritable` */
  async make(): Promise<string> {
    const known = await this.id();
    if (known !== undefined) return known;
    try {
      await mkdir(this.path, { recursive: true });
      for (const part of ['runs', 'unfinished', 'studies'])
        await mkdir(join(this.path, part), { recursive: true });
    } catch (error) {
      throw asUnwritable(error, this.path);
    }
    const lock = acquireLock(`${this.file()}.lock`);
    try {
      const id = (await this.id()) ?? randomBytes(8).toString('hex');
      await writeJsonAtomic(this.file(), { format: 1, id });
      return id;
    } finally {
      lock.release();
    }
  }

  async id(): Promise<string | undefined> {
    if (!existsSync(this.file())) return undefined;
    return (await readJson(this.file(), storeSchema, 'the description of a store')).id;
  }

  async published(id: string): Promise<Published | undefined> {
    const file = join(this.run(id), manifestFile);
    return existsSync(file) ? readJson(file, publishedSchema, 'the manifest of a run') : undefined;
  }

  async begun(id: string): Promise<Begun> {
    const unfinished = this.unfinished(id);
    const [attempts, pointer] = [join(unfinished, attemptsFile), join(unfinished, 'run', lastCheckpoint)];
    return {
      attempts: existsSync(attempts) ? await readJournal(attempts, attemptSchema) : [],
      checkpoint: existsSync(pointer) ? (await readJson(pointer, pointerSchema)).checkpoint : null,
    };
  }

  async open(id: string): Promise<Workplace> {
    const unfinished = this.unfinished(id);
    const folder = join(unfinished, 'run');
    const log = join(unfinished, logFile);
    try {
      await mkdir(unfinished, { recursive: true });
    } catch (error) {
      throw asUnwritable(error, unfinished);
    }
    return {
      begun: await this.begun(id),
      folder,
      log,
      attempt: async (attempt) => {
        const file = join(unfinished, attemptsFile);
        await appendFile(file, `${JSON.stringify(attempt)}\n`).catch((error: unknown) => {
          throw asUnwritable(error, file);
        });
      },
      // Others see it here.
      save: async () => {},
      publish: () => this.publish(id, folder, log),
    };
  }

  /** @param made A whole run in a folder of the same file system, in which nobody works; it is moved. */
  async publish(id: string, made: string, log: string): Promise<Publication> {
    // Whoever works in it is not done; whoever comes while it is moved finds nothing.
    const lock = acquireLock(join(made, runFiles.lock));
    try {
      if (existsSync(log)) await copyFile(log, join(made, logFile));
      const { attempts } = await this.begun(id);
      const published = await describeRun(id, made, attempts);
      await writeJsonAtomic(join(made, manifestFile), published);
      lock.requireHeld();
      if (!(await this.moved(id, made))) {
        const theirs = await this.published(id);
        if (theirs === undefined) throw misplaced(this.run(id));
        lock.requireHeld();
        await rm(this.unfinished(id), { recursive: true, force: true });
        return { published: theirs, differing: differingFiles(theirs, published) };
      }
      await rm(join(this.run(id), runFiles.lock), { force: true });
      await rm(this.unfinished(id), { recursive: true, force: true });
      return { published };
    } finally {
      lock.release();
    }
  }

  async tidy(id: string): Promise<void> {
    const unfinished = this.unfinished(id);
    const run = join(unfinished, 'run');
    if (!existsSync(unfinished) || (await this.published(id)) === undefined) return;
    // Whoever works in it all the same removes it when it is compared.
    if (existsSync(run)) acquireLock(join(run, runFiles.lock)).release();
    await rm(unfinished, { recursive: true, force: true });
  }

  async fetch(id: string, folder: string, log: string): Promise<void> {
    const published = await this.published(id);
    if (published === undefined) throw misplaced(this.run(id));
    await intoFolder(folder, log, published, (name, to) =>
      copyFile(join(this.run(id), name), to, constants.COPYFILE_FICLONE),
    );
  }

  async requireRoom(): Promise<void> {
    const probe = temporaryPath(join(this.path, 'unfinished', 'room'));
    try {
      await writeFile(probe, Buffer.alloc(roomBytes, 1));
    } catch (error) {
      throw asUnwritable(error, this.path);
    } finally {
      await rm(probe, { force: true }).catch(() => {});
    }
  }

  /** False where there is a run of this id already. */
  private async moved(id: string, made: string): Promise<boolean> {
    const to = this.run(id);
    try {
      await rename(made, to);
    } catch (error) {
      if (['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(systemCode(error) ?? '') && existsSync(to)) return false;
      throw asUnwritable(error, to);
    }
    await syncFolder(dirname(to));
    return true;
  }

  private file(): string {
    return join(this.path, 'store.json');
  }

  /** Where a published run lies. */
  run(id: string): string {
    return join(this.path, 'runs', requireId(id));
  }

  /** Where a run is made. */
  unfinished(id: string): string {
    return join(this.path, 'unfinished', requireId(id));
  }
}

const attemptsFile = 'attempts.jsonl';
const lastCheckpoint = join(runFiles.checkpoints, 'last.json');
/** What there must be room for before a run is begun: a checkpoint of a small one. */
const roomBytes = 1 << 20;

/**
 * Makes `folder` of the files of a published run, whole or not at all; each must have its checksum.
 * @throws GenonnxError `file-corrupt`, `output-unwritable`.
 */
export async function intoFolder(
  folder: string,
  log: string,
  { files, id }: Pick<Published, 'files' | 'id'>,
  bring: (name: string, to: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryPath(folder);
  try {
    for (const [name, expected] of Object.entries(files)) {
      const to = join(temporary, name);
      await mkdir(dirname(to), { recursive: true });
      await bring(name, to);
      const found = await sha256Of(to);
      if (found !== expected) throw damaged(`${id}/${name}`, expected, found);
    }
    if (files[logFile] !== undefined) await rename(join(temporary, logFile), log);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    await syncFolder(dirname(folder));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw asUnwritable(error, folder);
  }
}

/** An id comes from a queue, which may hold anything. @throws GenonnxError `store` */
function requireId(id: string): string {
  if (idSchema.safeParse(id).success) return id;
  throw new GenonnxError('store', 'This is not the id of a run.', {
    expected: 'small letters, digits and -',
    found: JSON.stringify(id.slice(0, 80)),
    cure: 'Only genonnx may put jobs into its queues.',
  });
}

function damaged(where: string, expected: string, found: string): GenonnxError {
  return new GenonnxError('file-corrupt', 'A file of the store is damaged.', {
    where,
    expected: `SHA-256 ${expected}`,
    found,
    cure: 'Delete the folder of the run in the store; it is then made again.',
  });
}

function misplaced(where: string): GenonnxError {
  return new GenonnxError('store', 'There is a run in the store without its manifest.', {
    where,
    expected: manifestFile,
    found: 'none',
    cure: 'Delete the folder; the run is then made again.',
  });
}
