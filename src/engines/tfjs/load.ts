// Finds TensorFlow.js: the package for GPUs where it can be loaded, else the one for processors, else the pure JavaScript
// one. All three are optional peers; what is missing, and the command that mends it, is reported in words.
import process from 'node:process';
import util from 'node:util';
import { GenonnxError } from '../../errors.js';
import { isTfjs, type Tfjs } from './tfjs.js';

export const tfjsPackages = [
  '@tensorflow/tfjs-node-gpu',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs',
] as const;
export type TfjsPackage = (typeof tfjsPackages)[number];

export interface TfjsAttempt {
  readonly package: TfjsPackage;
  readonly outcome: 'loaded' | 'not installed' | 'failed';
  /** Why it failed. */
  readonly reason?: string;
}

export interface TfjsFound {
  readonly package: TfjsPackage;
  readonly version: string;
  /** Of TensorFlow itself; absent for the pure JavaScript backend. */
  readonly tensorflow?: string;
  readonly gpu: boolean;
  /** `TensorFlow.js 4.22.0, pure JavaScript CPU backend`. */
  readonly description: string;
}

export interface TfjsReport {
  readonly found?: TfjsFound;
  readonly attempts: readonly TfjsAttempt[];
  /** What keeps a search from running on a GPU, in words; absent when nothing does. */
  readonly missing?: string;
  /** A command, or what else to do. */
  readonly cure?: string;
}

export interface LoadedTfjs {
  readonly tf: Tfjs;
  readonly found: TfjsFound;
}

/** Imports a package by name. */
export type Importer = (name: string) => Promise<unknown>;

export interface LoadOptions {
  readonly importer?: Importer;
  /** In the order in which they are tried. */
  readonly packages?: readonly TfjsPackage[];
}

const byNode: Importer = (name) => import(name);

/** @throws GenonnxError `engine` when none can be loaded. */
export async function loadTfjs(options: LoadOptions = {}): Promise<LoadedTfjs> {
  const { loaded, attempts } = await tryAll(options);
  if (loaded !== undefined) return loaded;
  throw new GenonnxError('engine', 'TensorFlow.js cannot be loaded.', {
    expected: 'one of its packages to be installed',
    found: attempts.map(attemptText).join('; '),
    cure: `Run \`${cureOf(attempts)}\`, or use \`engine\` ort.`,
  });
}

/** What there is, for `genonnx doctor` and for choosing an engine. Never throws. */
export async function probeTfjs(options: LoadOptions = {}): Promise<TfjsReport> {
  const { loaded, attempts } = await tryAll(options);
  if (loaded === undefined) return { attempts, missing: 'TensorFlow.js', cure: cureOf(attempts) };
  const { found } = loaded;
  if (found.gpu) return { found, attempts };
  if (found.package === '@tensorflow/tfjs-node-gpu')
    return {
      found,
      attempts,
      missing: 'a GPU that TensorFlow sees',
      cure: 'See that nvidia-smi lists the GPU, and that the libraries of CUDA 11.2 and cuDNN 8.1 are on LD_LIBRARY_PATH.',
    };
  return { found, attempts, missing: '@tensorflow/tfjs-node-gpu', cure: cureOf(attempts) };
}

async function tryAll({
  importer = byNode,
  packages = tfjsPackages,
}: LoadOptions): Promise<{ loaded?: LoadedTfjs; attempts: TfjsAttempt[] }> {
  const attempts: TfjsAttempt[] = [];
  for (const name of packages) {
    try {
      const tf = await load(name, importer);
      attempts.push({ package: name, outcome: 'loaded' });
      return { loaded: { tf, found: describe(name, tf) }, attempts };
    } catch (error) {
      attempts.push(failed(name, error));
    }
  }
  return { attempts };
}

async function load(name: TfjsPackage, importer: Importer): Promise<Tfjs> {
  if (name !== '@tensorflow/tfjs') prepareForNode();
  const module = await importer(name);
  const tf = isTfjs(module) ? module : defaultOf(module);
  if (!isTfjs(tf)) throw new TypeError(`${name} is not the TensorFlow.js that is known here`);
  // Without its checks for the developer's sake; they cost time in every kernel.
  tf.enableProdMode();
  const backend = name === '@tensorflow/tfjs' ? 'cpu' : 'tensorflow';
  if (!(await tf.setBackend(backend))) throw new Error(`its backend ${backend} cannot be started`);
  return tf;
}

/** CommonJS packages come as the default of a namespace where Node does not see their names. */
function defaultOf(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
}

/**
 * tfjs-node calls two functions that Node 23 removed; and TensorFlow's own remarks on standard error are switched off
 * unless somebody asked for them.
 */
export function prepareForNode(target: object = util): void {
  const removed = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: (value: unknown) => Array.isArray(value),
  };
  for (const [name, value] of Object.entries(removed))
    if (!(name in target)) Object.defineProperty(target, name, { value, configurable: true, writable: true });
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
}

function describe(name: TfjsPackage, tf: Tfjs): TfjsFound {
  const version = tf.version['tfjs-node'] ?? tf.version.tfjs ?? 'of unknown version';
  if (name === '@tensorflow/tfjs')
    return {
      package: name,
      version,
      gpu: false,
      description: `TensorFlow.js ${version}, pure JavaScript CPU backend`,
    };
  const backend = tf.backend();
  const binding: unknown = Reflect.get(backend, 'binding');
  const native: unknown =
    typeof binding === 'object' && binding !== null ? Reflect.get(binding, 'TF_Version') : undefined;
  const gpu = Reflect.get(backend, 'isUsingGpuDevice') === true;
  const tensorflow = typeof native === 'string' ? native : 'of unknown version';
  const short = name.slice('@tensorflow/'.length);
  return {
    package: name,
    version,
    tensorflow,
    gpu,
    description: `${short} ${version} (TensorFlow ${tensorflow}), ${gpu ? 'GPU' : 'CPU'}`,
  };
}

function failed(name: TfjsPackage, error: unknown): TfjsAttempt {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  if (missing && message.includes(`'${name}'`)) return { package: name, outcome: 'not installed' };
  return { package: name, outcome: 'failed', reason: message.trim().split('\n', 1)[0] ?? '' };
}

function attemptText({ package: name, outcome, reason }: TfjsAttempt): string {
  return reason === undefined ? `${name} is ${outcome}` : `${name} failed: ${reason}`;
}

/** A package that is there but does not load needs its native part built; otherwise the first one is to be installed. */
function cureOf(attempts: readonly TfjsAttempt[]): string {
  const broken = attempts.find(({ outcome }) => outcome === 'failed');
  if (broken !== undefined && broken.package !== '@tensorflow/tfjs')
    return `npm rebuild ${broken.package} --build-addon-from-source`;
  return `npm install ${attempts[0]?.package ?? tfjsPackages[0]}`;
}
