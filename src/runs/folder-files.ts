// The files of a run in a folder of the disk.
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from './atomic.js';
import { asUnreadable, asUnwritable, systemCode } from './file-errors.js';
import { acquireLock } from './lock.js';
import type { FileContent, Lock, NamedFiles } from './named-files.js';
import { runFiles } from './run-store.js';
import { isTemporary } from './temporary-names.js';

export class FolderFiles implements NamedFiles {
  /** `path`: absolute. */
  constructor(readonly path: string) {}

  where(name: string): string {
    return join(this.path, name);
  }

  async list(folder: string): Promise<string[]> {
    return (await this.everythingIn(folder)).filter((name) => !isTemporary(name));
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.where(name));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw asUnreadable(error, this.where(name), 'a file of a run');
    }
  }

  async write(name: string, content: FileContent): Promise<void> {
    const path = this.where(name);
    const folder = dirname(path);
    try {
      if (folder !== this.path) await mkdir(folder, { recursive: true });
    } catch (error) {
      throw asUnwritable(error, folder);
    }
    await writeFileAtomic(path, content);
  }

  async append(name: string, bytes: Uint8Array): Promise<void> {
    await this.change(name, 'a', async (file) => {
      const { size } = await file.stat();
      try {
        await file.appendFile(bytes);
        await file.datasync();
      } catch (error) {
        await file.truncate(size).catch(() => {});
        throw error;
      }
    });
  }

  async truncate(name: string, length: number): Promise<void> {
    await this.change(name, 'r+', async (file) => {
      await file.truncate(length);
      await file.datasync();
    });
  }

  async remove(name: string): Promise<void> {
    await rm(this.where(name), { force: true });
  }

  async sweep(folder: string): Promise<void> {
    const left = (await this.everythingIn(folder)).filter((name) => isTemporary(name));
    for (const name of left) await rm(join(this.where(folder), name), { force: true });
  }

  async lock(): Promise<Lock> {
    const lock = acquireLock(this.where(runFiles.lock));
    return { requireHeld: () => lock.requireHeld(), release: async () => lock.release() };
  }

  private async everythingIn(folder: string): Promise<string[]> {
    try {
      return await readdir(this.where(folder));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw asUnreadable(error, this.where(folder), 'a folder of a run');
    }
  }

  private async change(
    name: string,
    flags: 'a' | 'r+',
    work: (file: Awaited<ReturnType<typeof open>>) => Promise<void>,
  ): Promise<void> {
    const path = this.where(name);
    try {
      const file = await open(path, flags);
      try {
        await work(file);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw asUnwritable(error, path);
    }
  }
}
