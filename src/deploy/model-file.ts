// Model files on disk, and sessions of onnxruntime-node on them: what is wrong with either becomes a typed error.
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { GenonnxError } from '../errors.js';
import { asUnreadable } from '../runs/file-errors.js';

/** The bytes of a model. @throws GenonnxError `file-missing`. */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw asUnreadable(error, path, 'an ONNX model');
  }
}

/** A session on the CPU provider; `where` names the model. @throws GenonnxError `model-corrupt`. */
export async function createSession(
  bytes: Uint8Array,
  where: string,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, { logSeverityLevel: 4, ...options });
  } catch (error) {
    throw refused('ONNX Runtime does not load the model.', where, error);
  }
}

/** Runs a model; `where` names it. @throws GenonnxError `model-corrupt` where the runtime fails. */
export async function runSession(
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
  where: string,
): Promise<ort.InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds);
  } catch (error) {
    throw refused('ONNX Runtime does not run the model.', where, error);
  }
}

function refused(summary: string, where: string, cause: unknown): GenonnxError {
  const found = firstLine(cause);
  return new GenonnxError(
    'model-corrupt',
    summary,
    { where, found, cure: 'Compile the model again.' },
    { cause },
  );
}

/** The first line of what a runtime says: the rest is its own stack. */
export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
