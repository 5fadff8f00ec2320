// The parts of onnxruntime-web that a folder carries. Of each provider it is the module that has its loader inside, and
// the WebAssembly: two files, of which a visitor fetches one pair.
import { GenonnxError } from '../../graphs/errors.js';

export type OrtWebProvider = 'wasm' | 'webgpu';

/** The processor is always among them: the page begins there. */
export type OrtWebProviders = readonly ['wasm'] | readonly ['wasm', 'webgpu'];

export const defaultProviders: OrtWebProviders = ['wasm', 'webgpu'];

/** A file of onnxruntime-web's `dist`, by its name there. */
export interface OrtWebRuntimeFile {
  readonly path: string;
  readonly content: Uint8Array;
}

interface RuntimeNames {
  /** The ES module that the page imports. */
  readonly module: string;
  readonly binary: string;
}

/**
 * Names in onnxruntime-web's `dist`. In version 1.30 `wasm` has 0.07 + 14.2 MB (3.7 MB where the server compresses) and
 * `webgpu` 0.12 + 26.8 MB (6.7 MB): its WebAssembly can stop while the graphics processor works. The build that leaves
 * that to the browser (`jspi`, 16.8 MB) would exclude browsers that have WebGPU but cannot do so yet.
 */
const runtimeNames: Readonly<Record<OrtWebProvider, RuntimeNames>> = {
  wasm: { module: 'ort.wasm.bundle.min.mjs', binary: 'ort-wasm-simd-threaded.wasm' },
  webgpu: { module: 'ort.webgpu.bundle.min.mjs', binary: 'ort-wasm-simd-threaded.asyncify.wasm' },
};

const folder = 'onnxruntime';

/** The names of the files in `node_modules/onnxruntime-web/dist` that the providers need. */
export function ortWebRuntimeFiles(providers: readonly OrtWebProvider[] = defaultProviders): string[] {
  return providers.flatMap((provider) => [runtimeNames[provider].module, runtimeNames[provider].binary]);
}

/** Where in the folder the page finds each provider. */
export function runtimePaths(
  providers: readonly OrtWebProvider[],
): Partial<Record<OrtWebProvider, RuntimeNames>> {
  return Object.fromEntries(
    providers.map((provider) => {
      const { module, binary } = runtimeNames[provider];
      return [provider, { module: `${folder}/${module}`, binary: `${folder}/${binary}` }];
    }),
  );
}

/**
 * The given files that the providers need, where they belong in the folder.
 * @throws GenonnxError `file-missing` for the first that was not given.
 */
export function placeRuntime(
  providers: readonly OrtWebProvider[],
  given: readonly OrtWebRuntimeFile[],
): OrtWebRuntimeFile[] {
  return ortWebRuntimeFiles(providers).map((name) => {
    const file = given.find(({ path }) => path === name);
    if (file !== undefined) return { path: `${folder}/${name}`, content: file.content };
    throw new GenonnxError('file-missing', 'A file of onnxruntime-web is missing.', {
      expected: name,
      found: given.length === 0 ? 'no files' : given.map(({ path }) => path).join(', '),
      cure: 'Install onnxruntime-web 1.30; the file lies in its dist folder.',
    });
  });
}
