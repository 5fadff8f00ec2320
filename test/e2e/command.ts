// Runs the built command as a user would.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, type Options } from 'execa';

const main = fileURLToPath(new URL('../../bin/genonnx.mjs', import.meta.url));

/** Starts `genonnx` with the arguments; never throws for an exit code. */
export function genonnx(args: readonly string[], options: Options = {}) {
  return execa(process.execPath, [main, ...args], { ...options, reject: false });
}

/** A fresh folder below the system's temporary one. */
export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'genonnx-test-'));
}
