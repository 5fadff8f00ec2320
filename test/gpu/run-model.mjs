// Runs a model once on a provider that must take all of it, and keeps inputs and outputs as `genonnx validate` reads them:
//
//   node test/gpu/run-model.mjs MODEL PROVIDER BATCH OUT.safetensors [WORDS LENGTH]
//
// A language model reads texts of LENGTH of its WORDS.
// A process of its own, because NVIDIA_TF32_OVERRIDE counts when CUDA is loaded.
import process from 'node:process';
import * as ort from 'onnxruntime-node';
import { noiseInputs } from '../../dist/src/bench/noise-inputs.js';
import { writeSafetensors } from '../../dist/src/runs/safetensors-file.js';

const [model, provider, batch, out, words, length] = process.argv.slice(2);
const text = words === undefined ? undefined : { words: Number(words), length: Number(length) };
const dtypes = { float32: 'F32', int64: 'I64' };
const typeOf = (data) => (data instanceof BigInt64Array ? 'int64' : 'float32');
try {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [provider],
    extra: { session: { disable_cpu_ep_fallback: '1' } },
  });
  const inputs = noiseInputs(session.inputMetadata, Number(batch), text);
  const outputs = await session.run(
    Object.fromEntries(
      inputs.map(({ name, shape, data }) => [name, new ort.Tensor(typeOf(data), data, shape)]),
    ),
  );
  await writeSafetensors(out, [
    ...inputs.map(({ name, shape, data }) => [name, { dtype: dtypes[typeOf(data)], shape, data }]),
    ...Object.entries(outputs).map(([name, { dims, data }]) => [name, { dtype: 'F32', shape: dims, data }]),
  ]);
} catch (error) {
  console.error(`error: ${error.message.split('\n')[0]}`);
  process.exitCode = 1;
}
