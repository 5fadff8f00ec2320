/** Where the network is computed: on the processor (WebAssembly), or on the graphics processor (WebGPU). */
export type Provider = 'wasm' | 'webgpu';

/** Whatever a browser can draw. A `Blob` may be a picture file. */
export type Picture =
  | ImageBitmap
  | ImageData
  | Blob
  | HTMLImageElement
  | SVGImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLVideoElement;

/** What `model.json` says. */
export interface Facts {
  readonly name: string;
  /** The names that the model has for its input and for its output, and what that is. */
  readonly input: string;
  readonly output: { readonly name: string; readonly holds: 'logits' | 'probabilities' };
  readonly image: { readonly channels: 1 | 3; readonly height: number; readonly width: number };
  /** The number of images in every batch, or null where any number may be run at once. */
  readonly batch: 1 | null;
  /** Labels, in the order of the outputs. */
  readonly classes: readonly string[];
  /** Per channel, in units of intensity (0 is black, 1 is full). With null, intensities are fed as they are. */
  readonly normalisation: {
    readonly mean: readonly number[];
    readonly standardDeviation: readonly number[];
  } | null;
  /**
   * How a picture becomes an image, as in training: `fit` the whole picture in a square, on black; `centre` the central `crop`
   * pixels of the picture whose shorter side has `resize`. With null, the middle of it, as the browser scales pictures.
   */
  readonly preprocessing:
    | { readonly kind: 'fit'; readonly size: number }
    | { readonly kind: 'centre'; readonly resize: number; readonly crop: number }
    | null;
  /** Of onnxruntime-web, the module and the WebAssembly of each provider that the folder has. */
  readonly runtimes: Readonly<
    Partial<Record<Provider, { readonly module: string; readonly binary: string }>>
  >;
  /** Where the model comes from: its genotype, parameters, multiply-adds and more. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface LoadOptions {
  /** By default `wasm`, which every browser has. */
  readonly provider?: Provider;
  /** The folder of model.json, model.onnx and the runtime; relative to this module, and by default its own folder. */
  readonly baseUrl?: string | URL;
}

export interface RankedClass {
  readonly label: string;
  /** The place in `facts.classes`. */
  readonly index: number;
  /** Between 0 and 1. */
  readonly probability: number;
}

export interface Classification extends RankedClass {
  /** f32[classes], in the order of `facts.classes`; their sum is 1. */
  readonly probabilities: Float32Array;
  /** The most probable classes, the best one first. */
  readonly top: readonly RankedClass[];
  /** Time of the network alone, in milliseconds. */
  readonly latencyMs: number;
  readonly provider: Provider;
}

export interface Classifier {
  readonly facts: Facts;
  readonly provider: Provider;
  /** Threads of the processor. More than one only where the page is cross-origin isolated. */
  readonly threads: number;

  /**
   * Classifies a picture, made ready as `facts.preprocessing` says: without that its middle, cut to the network's aspect ratio and
   * scaled. On white where it is transparent. Rejects where the browser cannot draw it.
   */
  classify(
    picture: Picture,
    options?: { /** By default 5. */ readonly top?: number },
  ): Promise<Classification>;

  /** The picture as the network sees it, before normalisation. */
  preview(picture: Picture): Promise<ImageData>;

  /** The picture as the network is fed with it: f32[channels, height, width], normalised. */
  pixels(picture: Picture): Promise<Float32Array>;

  /**
   * Runs the network on f32[N, channels, height, width], normalised; gives its outputs, f32[N, classes]: what
   * `facts.output` says. Rejects with a RangeError where the pixels are not whole images.
   */
  run(pixels: Float32Array): Promise<Float32Array>;

  /** Frees the memory of the network, which cannot run afterwards. */
  release(): Promise<void>;
}

/**
 * Loads model and runtime and runs the network once, so that the next run is a typical one. Rejects where a file is
 * missing, or the provider is not in the folder or not offered by the browser.
 */
export function load(options?: LoadOptions): Promise<Classifier>;

/** Whether the browser offers WebGPU on this machine. */
export function hasWebGpu(): Promise<boolean>;
