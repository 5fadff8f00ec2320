// Shared by the tests of runs: scratch folders, the places where a run's files may lie, and refusals with their code.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { type ErrorCode, GenonnxError } from '../../../src/errors.js';
import { FolderFiles } from '../../../src/runs/folder-files.js';
import { MemoryFiles } from '../../../src/runs/memory-files.js';
import type { NamedFiles } from '../../../src/runs/named-files.js';

const made: string[] = [];

/** A fresh empty folder, gone after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'genonnx-runs-'));
  made.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A place for the files of a run, and another one with the same checkpoints. */
export interface Place {
  make(): NamedFiles;
  copy(files: NamedFiles): Promise<NamedFiles>;
}

/** Every kind of place: what holds for one holds for all. */
export const places: readonly [name: string, place: Place][] = [
  [
    'a folder',
    { make: () => new FolderFiles(scratch()), copy: (files) => copyTo(files, new FolderFiles(scratch())) },
  ],
  ['memory', { make: () => new MemoryFiles(), copy: (files) => copyTo(files, new MemoryFiles()) }],
];

async function copyTo(from: NamedFiles, to: NamedFiles): Promise<NamedFiles> {
  for (const name of await from.list('checkpoints')) {
    const path = `checkpoints/${name}`;
    await to.write(path, (await from.read(path)) ?? '');
  }
  return to;
}

/** Expects `work` to be refused with `code` and returns the error. */
export async function refusal(code: ErrorCode, work: () => unknown): Promise<GenonnxError> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof GenonnxError)) throw error;
    expect(error.code, error.message).toBe(code);
    return error;
  }
  throw new Error(`expected ${code}, but nothing was thrown`);
}
