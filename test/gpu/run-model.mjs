// Runs a model once on a provider that must take all of it, and keeps inputs and outputs as `genonnx validate` reads them:
//
//   node test/gpu/run-model.mjs MODEL PROVIDER BATCH OUT.safetensors
//
// A process of its own, because NVIDIA_TF32_OVERRIDE counts when CUDA is loaded.
import process from 'node:process';
import * as ort from 'onnxruntime-node';
import { noiseInputs } from '../../dist/src/bench/noise-inputs.js';
import { writeSafetensors } from '../../dist/src/runs/safetensors-file.js';

const [model, provider, batch, out] = process.argv.slice(2);
try {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [provider],
    extra: { session: { disable_cpu_ep_fallback: '1' } },
  });
  const inputs = noiseInputs(session.inputMetadata, Number(batch));
  const outputs = await session.run(
    Object.fromEntries(inputs.map(({ name, shape, data }) => [name, new ort.Tensor('float32', data, shape)])),
  );
  await writeSafetensors(out, [
    ...inputs.map(({ name, shape, data }) => [name, { dtype: 'F32', shape, data }]),
    ...Object.entries(outputs).map(([name, { dims, data }]) => [name, { dtype: 'F32', shape: dims, data }]),
  ]);
} catch (error) {
  console.error(`error: ${error.message.split('\n')[0]}`);
  process.exitCode = 1;
}
