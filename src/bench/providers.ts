// The execution providers that a benchmark may ask for, and what ONNX Runtime calls them in a profile.

export const providerNames = [
  'cpu',
  'cuda',
  'tensorrt',
  'webgpu',
  'dml',
  'coreml',
  'web-wasm',
  'web-webgpu',
] as const;
export type ProviderName = (typeof providerNames)[number];

/** ONNX Runtime's provider that runs what no other takes. */
export const cpuProvider = 'CPUExecutionProvider';

/** `args.provider` of the nodes that run where they were asked to. */
export const runtimeProvider: Readonly<Record<ProviderName, string>> = {
  cpu: cpuProvider,
  cuda: 'CUDAExecutionProvider',
  tensorrt: 'TensorrtExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
  dml: 'DmlExecutionProvider',
  coreml: 'CoreMLExecutionProvider',
  'web-wasm': cpuProvider,
  'web-webgpu': 'WebGpuExecutionProvider',
};
