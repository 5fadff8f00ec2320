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

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** What `model.json` says. */
export interface Facts {
  readonly name: string;
  /** The names that the model has for its input and for its output. */
  readonly input: string;
  readonly output: string;
  readonly image: { readonly channels: 1 | 3; readonly height: number; readonly width: number };
  /** The number of images in every batch, or null where any number may be run at once. */
  readonly batch: 1 | null;
  /** Labels, in the order of the outputs. The first one is what is there where nothing is. */
  readonly classes: readonly string[];
  /** A colour for each class. */
  readonly palette: readonly Colour[];
  /** Per channel, in units of intensity (0 is black, 1 is full). With null, intensities are fed as they are. */
  readonly normalisation: {
    readonly mean: readonly number[];
    readonly standardDeviation: readonly number[];
  } | null;
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

/** A class that was found in a picture. */
export interface FoundClass {
  readonly label: string;
  /** The place in `facts.classes`. */
  readonly index: number;
  readonly colour: Colour;
  /** Of the picture's pixels, between 0 and 1. */
  readonly share: number;
}

export interface Segmentation {
  /** The picture as the network sees it, before normalisation. */
  readonly seen: ImageData;
  /** u8[seen.height, seen.width]: the class of each pixel; of equal logits the lower class. */
  readonly mask: Uint8Array;
  /** The classes that are in the mask, the largest first. */
  readonly found: readonly FoundClass[];
  /** Time of the network alone, in milliseconds. */
  readonly latencyMs: number;
  readonly provider: Provider;
}

export interface Segmenter {
  readonly facts: Facts;
  readonly provider: Provider;
  /** Threads of the processor. More than one only where the page is cross-origin isolated. */
  readonly threads: number;

  /**
   * The class of every pixel of a picture. A picture that is larger than the network's images is made as small as they are;
   * what it leaves free to the right and below is no part of it, and the network sees the mean colour there. Rejects where the
   * browser cannot draw it.
   */
  segment(picture: Picture): Promise<Segmentation>;

  /** The picture as the network sees it, before normalisation: at most as large as its images, on white where transparent. */
  preview(picture: Picture): Promise<ImageData>;

  /**
   * Runs the network on f32[N, channels, height, width], normalised; gives its logits, f32[N, classes, height, width]. Rejects
   * with a RangeError where the pixels are not whole images.
   */
  run(pixels: Float32Array): Promise<Float32Array>;

  /** Frees the memory of the network, which cannot run afterwards. */
  release(): Promise<void>;
}

/**
 * Loads model and runtime and runs the network once, so that the next run is a typical one. Rejects where a file is
 * missing, or the provider is not in the folder or not offered by the browser.
 */
export function load(options?: LoadOptions): Promise<Segmenter>;

/** Whether the browser offers WebGPU on this machine. */
export function hasWebGpu(): Promise<boolean>;
