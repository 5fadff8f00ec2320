// The files of a run while its lock is held: whoever has lost it, as a process that was suspended for long may have without
// knowing, is stopped before it changes anything.
import type { FileContent, Lock, NamedFiles } from './named-files.js';

export class LockedFiles implements NamedFiles {
  constructor(
    private readonly files: NamedFiles,
    private readonly held: Lock,
  ) {}

  where(name: string): string {
    return this.files.where(name);
  }

  list(folder: string): Promise<string[]> {
    return this.files.list(folder);
  }

  read(name: string): Promise<Uint8Array | undefined> {
    return this.files.read(name);
  }

  async write(name: string, content: FileContent): Promise<void> {
    this.held.requireHeld();
    await this.files.write(name, content);
  }

  async append(name: string, bytes: Uint8Array): Promise<void> {
    this.held.requireHeld();
    await this.files.append(name, bytes);
  }

  async truncate(name: string, length: number): Promise<void> {
    this.held.requireHeld();
    await this.files.truncate(name, length);
  }

  async remove(name: string): Promise<void> {
    this.held.requireHeld();
    await this.files.remove(name);
  }

  async sweep(folder: string): Promise<void> {
    this.held.requireHeld();
    await this.files.sweep(folder);
  }

  lock(): Promise<Lock> {
    return this.files.lock();
  }
}
