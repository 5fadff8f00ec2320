// Which block size a runtime uses on this processor, found by asking it: ReorderInput of a tensor of 128 channels of two
// pixels shows after how many channels the second pixel begins.
import { Emitter, ModelParts } from '../../../graphs/onnx/emitter.js';
import { encodeModel } from '../../../graphs/onnx/model.js';
import { sessionOptions } from './host.js';
import type { OrtRuntime } from './runtime.js';

const channels = 128;

/** 16 with AVX-512, 8 with AVX, or undefined where the runtime has no blocked kernels. */
export async function probeBlockSize(ort: OrtRuntime): Promise<number | undefined> {
  const parts = new ModelParts('readable');
  const emitter = new Emitter(parts);
  const input = { name: parts.reserve('x'), type: { shape: [1, channels, 1, 2], dtype: 'float32' as const } };
  const y = emitter.one('', 'ReorderInput', ['x'], {}, { domain: 'com.microsoft.nchwc' });
  const output = { name: y, type: input.type };
  const { bytes: model } = encodeModel({
    parts,
    emitter,
    name: 'probe',
    inputs: [input],
    outputs: [output],
    opset: 17,
    irVersion: 8,
  });
  try {
    const session = await ort.InferenceSession.create(model, { ...sessionOptions, logSeverityLevel: 4 });
    const data = Float32Array.from({ length: channels * 2 }, (_, i) => i);
    const result = (await session.run({ x: new ort.Tensor('float32', data, [1, channels, 1, 2]) }))[y]?.data;
    await session.release();
    if (!(result instanceof Float32Array)) return undefined;
    // Element 1 is channel 1 of pixel 0, whose value is 2; element B is channel 0 of pixel 1, whose value is 1.
    const block = result.indexOf(1);
    return block === 8 || block === 16 ? block : undefined;
  } catch {
    return undefined;
  }
}
