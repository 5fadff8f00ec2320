// The part of TensorFlow.js that the engine uses, described here so that nothing of the package is needed to compile or to
// read the declarations of this one. Only its kernels run: its gradients and optimizers stay unused.

export type DeviceType = 'float32' | 'int32' | 'bool';

/** A tensor of TensorFlow.js. */
export interface DeviceTensor {
  readonly shape: number[];
  readonly size: number;
  readonly dtype: string;
  data(): Promise<ArrayLike<number | string>>;
  dataSync(): ArrayLike<number | string>;
  dispose(): void;
}

export type KernelInputs = Record<string, DeviceTensor> | DeviceTensor[];
export type KernelAttribute = number | boolean | string | number[] | [number, number][];
export type KernelAttributes = Record<string, KernelAttribute>;

export interface Tfjs {
  engine(): {
    runKernel(
      name: string,
      inputs: KernelInputs,
      attributes?: KernelAttributes,
    ): DeviceTensor | DeviceTensor[];
  };
  tensor(values: Float32Array | Int32Array, shape: number[], dtype: DeviceType): DeviceTensor;
  memory(): { readonly numTensors: number; readonly numBytes: number };
  enableProdMode(): void;
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  backend(): object;
  readonly version: Readonly<Record<string, string>>;
}

const functions = ['engine', 'tensor', 'memory', 'enableProdMode', 'setBackend', 'getBackend', 'backend'];

/** Whether what an import gave is TensorFlow.js. */
export function isTfjs(module: unknown): module is Tfjs {
  if (typeof module !== 'object' || module === null || !('version' in module)) return false;
  const members: object = module;
  return functions.every((name) => typeof Reflect.get(members, name) === 'function');
}
