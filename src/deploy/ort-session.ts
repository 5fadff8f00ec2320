// Sessions of onnxruntime-node on models from anywhere: what goes wrong becomes a typed error. The runtime, a native module,
// is loaded with the first session.
import type * as ort from 'onnxruntime-node';
import { GenonnxError } from '../errors.js';
import type { FloatFeed } from './float-feed.js';

/**
 * A session on the CPU provider, of a model's bytes or of the file at a path (which may keep weights in a second file);
 * `where` names the model. @throws GenonnxError `model-corrupt`.
 */
export async function createSession(
  model: Uint8Array | string,
  where: string,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<ort.InferenceSession> {
  const { InferenceSession } = await import('onnxruntime-node');
  try {
    const all = { logSeverityLevel: 4 as const, ...options };
    return typeof model === 'string'
      ? await InferenceSession.create(model, all)
      : await InferenceSession.create(model, all);
  } catch (error) {
    throw refused('ONNX Runtime does not load the model.', where, error);
  }
}

/** As the runtime takes them. */
export async function tensorsOf(
  feeds: Readonly<Record<string, FloatFeed>>,
): Promise<Record<string, ort.Tensor>> {
  const { Tensor } = await import('onnxruntime-node');
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { data, dims }]) => [name, new Tensor('float32', data, dims)]),
  );
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
    { where, found, cure: 'Compile or export the model again.' },
    { cause },
  );
}

/** The first line of what a runtime says: the rest is its own stack. */
export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
