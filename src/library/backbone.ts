// The weights that a backbone begins with: of a finished training, or of a file.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { NamedWeights } from '../deploy/match-weights.js';
import { sha256Hex } from '../hash.js';
import { asUnreadable } from '../runs/file-errors.js';
import { runFiles } from '../runs/run-store.js';
import { readNamedWeights } from './compile-source.js';

export interface Backbone {
  readonly weights: NamedWeights;
  /** Of the file: a run that goes on must find the same one. */
  readonly sha256: string;
}

/** @throws GenonnxError `file-missing`, and as `readWeights`. */
export async function readBackbone(path: string, note: (text: string) => void): Promise<Backbone> {
  const file = (await isFolder(path)) ? join(path, runFiles.weights) : path;
  const bytes = await readFile(file).catch((error: unknown) => {
    throw asUnreadable(error, file, 'the weights of a finished training, or a file of them');
  });
  return { weights: await readNamedWeights(file, note), sha256: sha256Hex(bytes) };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
