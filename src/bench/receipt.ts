// The receipt of a measurement: what was measured, on what, and where it really ran. Figures with different receipts do not
// compare (`compare.ts`). What could not be found out is null. Collected in `machine.ts` and `model-receipt.ts`.
import { z } from 'zod';
import { placementSchema } from './profile-summary.js';
import { type ProviderName, providerNames } from './providers.js';

const count = z.int().min(1);

export const processorSchema = z.object({
  model: z.string(),
  /** Instruction sets that kernels are chosen by, `avx2`, `avx512f`, `asimd`; null where the system does not tell. */
  flags: z.array(z.string()).nullable(),
  /** Logical ones, of the machine. */
  cores: count,
  /** Those that this process may use. */
  availableCores: count,
});

export const gpuSchema = z.object({
  name: z.string(),
  driver: z.string(),
  memoryBytes: z.number().nullable(),
  /** `9.0`. */
  computeCapability: z.string().nullable(),
});
export type Gpu = z.infer<typeof gpuSchema>;

export const deviceSchema = z.object({
  /** `linux x64`. */
  platform: z.string(),
  processor: processorSchema,
  memoryBytes: z.number(),
  /** Null where nvidia-smi does not answer: then nothing is known of GPUs. */
  gpus: z.array(gpuSchema).nullable(),
  /** The latest version of CUDA that the driver runs. */
  cudaOfDriver: z.string().nullable(),
  /** Versions of the libraries as found, `12.8.90`. */
  cudaRuntime: z.string().nullable(),
  cudnn: z.string().nullable(),
});
export type Device = z.infer<typeof deviceSchema>;

export const runtimeSchema = z.object({
  /** `onnxruntime-node`. */
  name: z.string(),
  version: z.string(),
  /** Of Node, or of the browser. */
  host: z.string(),
});
export type Runtime = z.infer<typeof runtimeSchema>;

export const modelReceiptSchema = z.object({
  /** As it was given. */
  path: z.string(),
  /** Of the model file and of what lies beside it. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int(),
  precision: z.enum(['float32', 'float16', 'int8', 'other']),
  opset: z.int().nullable(),
  /** Of one image, or one word; null for a stranger's model. */
  macs: z.number().nullable(),
  parameters: z.number().nullable(),
  /** On the test examples of its data set, by the names of metrics, as the file says. */
  scores: z.record(z.string(), z.number()),
});
export type ModelReceipt = z.infer<typeof modelReceiptSchema>;

export const tf32Modes = ['off', 'allowed'] as const;

/** How much ONNX Runtime may change a graph: nothing, to all it knows. */
export const optimizationLevels = ['disabled', 'basic', 'extended', 'layout', 'all'] as const;
export type OptimizationLevel = (typeof optimizationLevels)[number];

export const executionSchema = z.object({
  asked: z.enum(providerNames),
  optimization: z.enum(optimizationLevels),
  threads: count,
  batch: count,
  /** Words of each text, of a language model. */
  length: count.exactOptional(),
  /** Whether float32 may be multiplied with 10 bits of mantissa; null for providers that never do. */
  tf32: z.enum(tf32Modes).nullable(),
  /** Null where the runtime gives no profile. */
  placement: placementSchema.nullable(),
});
export type Execution = z.infer<typeof executionSchema>;

export const receiptSchema = z.object({
  device: deviceSchema,
  runtime: runtimeSchema,
  model: modelReceiptSchema,
  execution: executionSchema,
});
export type Receipt = z.infer<typeof receiptSchema>;

const knowsTf32: Readonly<Record<ProviderName, boolean>> = {
  cpu: false,
  cuda: true,
  tensorrt: true,
  webgpu: false,
  dml: false,
  coreml: false,
  'web-wasm': false,
  'web-webgpu': false,
};

/** NVIDIA's libraries use TF32 unless NVIDIA_TF32_OVERRIDE=0 forbids it; onnxruntime-node has no other switch. */
export function tf32Mode(
  asked: ProviderName,
  environment: Readonly<Record<string, string | undefined>>,
): Execution['tf32'] {
  if (!knowsTf32[asked]) return null;
  return environment.NVIDIA_TF32_OVERRIDE === '0' ? 'off' : 'allowed';
}
