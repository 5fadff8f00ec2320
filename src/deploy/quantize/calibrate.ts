// Calibration: what the values of a float model are on images, as the range that each one's 8 bits should cover. The model
// is run with its inner values as further outputs, one batch after another; of each value a histogram is kept, or its extremes.

import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';
import type { Ranges } from '../../../graphs/onnx/quantize/insert-qdq.js';
import { ModelGraph } from '../../../graphs/onnx/quantize/model-graph.js';
import { quantizableValues } from '../../../graphs/onnx/quantize/plan.js';
import type { FloatFeed } from '../float-feed.js';
import { createSession, runSession, tensorsOf } from '../ort-session.js';
import { Extremes, Histogram, type RangeMethod } from './histogram.js';
import { inputOf } from './images.js';

/**
 * The range of every value that may be quantized. Images: f32[N,C,H,W], as the model takes them.
 * @throws GenonnxError `model-corrupt` where the runtime refuses the model, `diverged` for values that are no numbers.
 */
export async function calibrate(
  model: onnx.ModelProto,
  batches: Iterable<{ readonly images: FloatFeed }>,
  method: RangeMethod,
): Promise<Ranges> {
  const where = 'the model that is calibrated';
  const graph = new ModelGraph(model);
  const input = inputOf(model).name ?? '';
  const values = quantizableValues(graph);
  const outputs = new Set((graph.graph.output ?? []).map(({ name }) => name ?? ''));
  const inner = values.filter((name) => name !== input && !outputs.has(name));
  const seen = new Map(
    values.map((name) => [name, method === 'minmax' ? new Extremes() : new Histogram(method)]),
  );
  const session = await createSession(withOutputs(model, inner), where);
  try {
    for (const { images } of batches) {
      const feeds = await tensorsOf({ [input]: images });
      const found = { ...(await runSession(session, feeds, where)), ...feeds };
      for (const [name, elements] of seen) {
        const data = found[name]?.data;
        if (data instanceof Float32Array) elements.add(data, name);
      }
    }
  } finally {
    await session.release();
  }
  return new Map([...seen].map(([name, elements]) => [name, elements.range()]));
}

function withOutputs(model: onnx.ModelProto, names: readonly string[]): Uint8Array {
  const graph = {
    ...model.graph,
    output: [...(model.graph?.output ?? []), ...names.map((name) => ({ name }))],
  };
  return proto.ModelProto.encode({ ...model, graph }).finish();
}
