// Model files on disk.
import { readFile } from 'node:fs/promises';
import { asUnreadable } from '../runs/file-errors.js';

/** The bytes of a model. @throws GenonnxError `file-missing`. */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw asUnreadable(error, path, 'an ONNX model');
  }
}
