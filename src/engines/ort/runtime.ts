// What the engine needs of ONNX Runtime: a structural type that `onnxruntime-node`, `onnxruntime-web` and
// `onnxruntime-common` satisfy, so that whoever creates an engine says which of them it runs on.

/** A tensor of the runtime. `data` lies on the host. */
export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint | string | boolean>;
}

export type OrtTensors = Readonly<Record<string, OrtTensor>>;

export interface OrtSession {
  /** Outputs are allocated by the runtime where the fetch is null, and else written into the tensor that is given. */
  run(feeds: OrtTensors, fetches?: Readonly<Record<string, OrtTensor | null>>): Promise<OrtTensors>;
  /** Writes the profile of a session that was created with `enableProfiling`, where the runtime can. */
  endProfiling?(): void;
  release(): Promise<void>;
}

export interface OrtSessionOptions {
  /** Those of the runtime for browsers, the first before the others; none says the processor. */
  readonly executionProviders?: readonly string[];
  readonly graphOptimizationLevel?: 'disabled' | 'basic' | 'extended' | 'layout' | 'all';
  readonly enableMemPattern?: boolean;
  readonly executionMode?: 'sequential' | 'parallel';
  readonly logSeverityLevel?: 0 | 1 | 2 | 3 | 4;
  readonly intraOpNumThreads?: number;
  readonly interOpNumThreads?: number;
  readonly enableProfiling?: boolean;
  /** How the names of profiles begin, their folder included. */
  readonly profileFilePrefix?: string;
}

/** ONNX Runtime, in whichever package. */
export interface OrtRuntime {
  readonly Tensor: {
    new (type: 'float32', data: Float32Array, dims: readonly number[]): OrtTensor;
    new (type: 'int64', data: BigInt64Array, dims: readonly number[]): OrtTensor;
    new (type: 'bool', data: Uint8Array, dims: readonly number[]): OrtTensor;
  };
  readonly InferenceSession: {
    create(model: Uint8Array, options: OrtSessionOptions): Promise<OrtSession>;
  };
}
