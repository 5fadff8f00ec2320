// What runs in the page. `openPageBench` is sent there as text: it reaches nothing but its argument and what a browser has,
// and what it returns stays there and is asked through a handle. What it throws are plain errors; `web-subject.ts` says
// what they mean.
import type * as Ort from 'onnxruntime-web';
import type { DescribedInput } from '../noise-inputs.js';
import type { OptimizationLevel } from '../receipt.js';

export type WebProvider = 'wasm' | 'webgpu';

export interface PageSetup {
  readonly ort: typeof Ort;
  /** All addresses are whole, with the server's. */
  readonly binaryUrl: string;
  readonly provider: WebProvider;
  readonly threads: number;
}

export interface PageModel {
  readonly url: string;
  /** The files beside it, by the names that the model has for them. */
  readonly beside: readonly { readonly path: string; readonly url: string }[];
}

export interface SessionSetup {
  readonly optimization: OptimizationLevel;
  /** Refuse a model of which a node would run on the CPU although another provider was asked for. */
  readonly strict: boolean;
  readonly profiling: boolean;
}

export interface CreatedSession {
  readonly sessionMs: number;
  readonly inputs: readonly DescribedInput[];
}

export interface FedInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int64';
  /** Of its numbers, with the lowest byte first. */
  readonly url: string;
}

export interface PageAdapter {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallback: boolean;
}

export interface StartedRuntime {
  readonly version: string;
  /** As the runtime has them now: it takes one where the page cannot share memory. */
  readonly threads: number;
  /** Of the device that the runtime computes on. */
  readonly adapter: PageAdapter | null;
}

export interface PageBench {
  /** Fetches the WebAssembly and starts it, with a device for webgpu: `probe`, a model in base64, is opened for that. */
  start(probe: string): Promise<StartedRuntime>;
  fetchModel(model: PageModel): Promise<void>;
  /** Of the model that was fetched; the session before it is released. */
  createSession(setup: SessionSetup): Promise<CreatedSession>;
  /** Fetches the inputs, and for webgpu keeps them on the device. */
  feed(inputs: readonly FedInput[]): Promise<void>;
  /** Latencies in milliseconds. */
  run(runs: number): Promise<number[]>;
  /** Milliseconds of bringing the inputs to the device and the outputs back, for webgpu. */
  copy(times: number): Promise<number[]>;
  /** Ends the session, which must have been created with profiling, and returns the text of its profile. */
  endProfiling(): Promise<string>;
}

/** What is used of a GPUDevice. */
interface Device {
  readonly adapterInfo?: {
    readonly vendor?: string;
    readonly architecture?: string;
    readonly device?: string;
    readonly description?: string;
    readonly isFallbackAdapter?: boolean;
  };
  readonly queue: {
    writeBuffer(buffer: Buffer, offset: number, data: Float32Array | BigInt64Array): void;
    onSubmittedWorkDone(): Promise<void>;
  };
  createBuffer(description: { readonly size: number; readonly usage: number }): Buffer;
}

/** GPUBuffer, as far as the runtime's types know of it. */
type Buffer = Ort.Tensor.GpuBufferType;

export function openPageBench({ ort, binaryUrl, provider, threads }: PageSetup): PageBench {
  // The runtime prints profiles on the console, one line an event. It takes the console's function when it starts.
  let profileLines: string[] | undefined;
  const print = console.log.bind(console);
  console.log = (...words: unknown[]) => {
    if (profileLines === undefined) print(...words);
    else profileLines.push(words.join(' '));
  };

  let session: Ort.InferenceSession | undefined;
  let device: Device | undefined;
  let model: { bytes: Uint8Array; beside: { path: string; data: Uint8Array }[] } | undefined;
  let fed: {
    data: Float32Array | BigInt64Array;
    buffer: Buffer | undefined;
    name: string;
    tensor: Ort.Tensor;
  }[] = [];

  function isDevice(value: unknown): value is Device {
    return typeof value === 'object' && value !== null && 'queue' in value && 'createBuffer' in value;
  }

  function opened(): Ort.InferenceSession {
    if (session === undefined) throw new Error('no session');
    return session;
  }

  async function bytesAt(url: string): Promise<ArrayBuffer> {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: the server answered ${response.status}`);
    return await response.arrayBuffer();
  }

  async function release(): Promise<void> {
    const former = session;
    session = undefined;
    await former?.release();
  }

  /** Resolves when the device has done all that it was given. */
  async function done(): Promise<void> {
    await device?.queue.onSubmittedWorkDone();
  }

  async function infer(): Promise<Ort.InferenceSession.OnnxValueMapType> {
    const outputs = await opened().run(Object.fromEntries(fed.map(({ name, tensor }) => [name, tensor])));
    await done();
    return outputs;
  }

  function onDevice(data: Float32Array): Buffer {
    if (device === undefined) throw new Error('no device');
    // Storage, and a source and target of copies; the runtime wants sizes that are multiples of 16.
    const usage = 0x80 | 0x04 | 0x08;
    const buffer = device.createBuffer({ size: Math.ceil(data.byteLength / 16) * 16, usage });
    device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }

  return {
    async start(probe) {
      ort.env.wasm.numThreads = threads;
      ort.env.wasm.wasmPaths = { wasm: binaryUrl };
      const bytes = Uint8Array.from(atob(probe), (character) => character.charCodeAt(0));
      // It stays open: the runtime takes a new device when it has no session any more, and buffers belong to a device.
      await ort.InferenceSession.create(bytes, { executionProviders: [provider] });
      if (provider === 'webgpu') {
        const found: unknown = await ort.env.webgpu.device;
        if (!isDevice(found)) throw new Error('the runtime names no device');
        device = found;
      }
      const info = device?.adapterInfo;
      return {
        version: ort.env.versions.web ?? ort.env.versions.common,
        threads: ort.env.wasm.numThreads,
        adapter:
          device === undefined
            ? null
            : {
                vendor: info?.vendor ?? '',
                architecture: info?.architecture ?? '',
                device: info?.device ?? '',
                description: info?.description ?? '',
                isFallback: info?.isFallbackAdapter ?? false,
              },
      };
    },

    async fetchModel({ url, beside }) {
      const bytes = new Uint8Array(await bytesAt(url));
      const files = [];
      for (const { path, url: from } of beside)
        files.push({ path, data: new Uint8Array(await bytesAt(from)) });
      model = { bytes, beside: files };
    },

    async createSession({ optimization, strict, profiling }) {
      if (model === undefined) throw new Error('no model');
      await release();
      const startedAt = performance.now();
      session = await ort.InferenceSession.create(model.bytes, {
        executionProviders: [provider],
        graphOptimizationLevel: optimization,
        externalData: model.beside,
        enableProfiling: profiling,
        logSeverityLevel: 4,
        ...(provider === 'webgpu' ? { preferredOutputLocation: 'gpu-buffer' as const } : {}),
        // Known to ONNX Runtime as session.disable_cpu_ep_fallback.
        ...(strict ? { extra: { session: { disable_cpu_ep_fallback: '1' } } } : {}),
      });
      const sessionMs = performance.now() - startedAt;
      // An open dimension without a name is -1, read as if it had no sign.
      const inputs = session.inputMetadata.map((input) =>
        input.isTensor
          ? { ...input, shape: input.shape.map((size) => (size === 2 ** 32 - 1 ? '' : size)) }
          : input,
      );
      return { sessionMs, inputs };
    },

    async feed(inputs) {
      fed = [];
      for (const { name, shape, dtype, url } of inputs) {
        const bytes = await bytesAt(url);
        if (dtype === 'int64') {
          // On every device the runtime itself takes them where they are needed.
          const data = new BigInt64Array(bytes);
          fed.push({ name, data, buffer: undefined, tensor: new ort.Tensor('int64', data, shape) });
          continue;
        }
        const data = new Float32Array(bytes);
        const buffer = device === undefined ? undefined : onDevice(data);
        const tensor =
          buffer === undefined
            ? new ort.Tensor('float32', data, shape)
            : ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [...shape] });
        fed.push({ name, data, buffer, tensor });
      }
      await done();
    },

    async run(runs) {
      const latenciesMs: number[] = [];
      for (let i = 0; i < runs; i++) {
        // An isolated page has a clock of 5 microseconds, where others have one of 100. On wasm a run includes the
        // copies into the memory of WebAssembly and out of it, which whoever uses the model in a page pays as well.
        const startedAt = performance.now();
        const outputs = await infer();
        latenciesMs.push(performance.now() - startedAt);
        for (const output of Object.values(outputs)) output.dispose();
      }
      return latenciesMs;
    },

    async copy(times) {
      const copiesMs: number[] = [];
      for (let i = 0; i < times; i++) {
        const startedAt = performance.now();
        for (const { buffer, data } of fed) {
          if (buffer !== undefined) device?.queue.writeBuffer(buffer, 0, data);
        }
        await done();
        const uploadedMs = performance.now() - startedAt;
        const outputs = await infer();
        const ranAt = performance.now();
        for (const output of Object.values(outputs)) await output.getData(true);
        copiesMs.push(uploadedMs + performance.now() - ranAt);
      }
      return copiesMs;
    },

    async endProfiling() {
      const lines: string[] = [];
      profileLines = lines;
      try {
        opened().endProfiling();
      } finally {
        profileLines = undefined;
      }
      await release();
      return lines.join('\n');
    },
  };
}
