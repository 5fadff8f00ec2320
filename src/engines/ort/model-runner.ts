// Runs a model once, for the check of the blocked operations.
import type { ModelRunner } from '../../../graphs/onnx/self-check.js';
import { sessionOptions, toOrt } from './host.js';
import type { OrtRuntime, OrtTensor } from './runtime.js';

/** Sessions of the runtime, as the engine creates them. */
export function modelRunner(ort: OrtRuntime): ModelRunner {
  return async (model, feeds) => {
    const session = await ort.InferenceSession.create(model, { ...sessionOptions, logSeverityLevel: 4 });
    try {
      const inputs = Object.entries(feeds).map(([name, tensor]): [string, OrtTensor] => [
        name,
        toOrt(ort, tensor),
      ]);
      const results = await session.run(Object.fromEntries(inputs));
      return Object.fromEntries(
        Object.entries(results).map(([name, { data }]) => [
          name,
          data instanceof Float32Array ? data : new Float32Array(),
        ]),
      );
    } finally {
      await session.release();
    }
  };
}
