// Saved alphas, from the folder of a search or a file of their own.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors } from '../../graphs/safetensors.js';
import { type AnyAlphas, anyAlphasFromTensors, parseAnyAlphas } from '../estimators/alphas-kinds.js';
import { asUnreadable } from '../runs/file-errors.js';
import { alphasFile } from '../search/search-run.js';

/** The alphas of a finished search's folder, or of a file: JSON or safetensors. @throws GenonnxError `file-missing`, `file-corrupt`. */
export async function readAlphas(path: string): Promise<AnyAlphas> {
  const { bytes, source } = await alphasBytes(path);
  return source.endsWith('.safetensors')
    ? anyAlphasFromTensors(decodeSafetensors(bytes, source), source)
    : parseAnyAlphas(new TextDecoder().decode(bytes), source);
}

async function alphasBytes(path: string): Promise<{ bytes: Uint8Array; source: string }> {
  let source = path;
  try {
    if ((await stat(path)).isDirectory()) source = join(path, alphasFile);
    return { bytes: await readFile(source), source };
  } catch (error) {
    throw asUnreadable(error, source, 'an alphas file, or the folder of a finished search');
  }
}
