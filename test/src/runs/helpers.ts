// Shared by the tests of run folders: scratch folders, and refusals with their code.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { type ErrorCode, GenonnxError } from '../../../src/errors.js';

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
