// Finding TensorFlow.js: which package is taken, what is said where one is missing or broken, and what Node 23 took away.
import util from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Importer,
  loadTfjs,
  prepareForNode,
  probeTfjs,
  type TfjsPackage,
} from '../../../../src/engines/tfjs/load.js';
import { isTfjs, type Tfjs } from '../../../../src/engines/tfjs/tfjs.js';
import { GenonnxError } from '../../../../src/errors.js';

interface FakeOptions {
  readonly version?: Record<string, string>;
  readonly backend?: object;
  readonly starts?: boolean;
}

function fake({ version = { tfjs: '4.22.0' }, backend = {}, starts = true }: FakeOptions = {}): Tfjs & {
  calls: string[];
} {
  const calls: string[] = [];
  const unused = (): never => {
    throw new Error('not part of loading');
  };
  return {
    calls,
    version,
    engine: unused,
    tensor: unused,
    memory: unused,
    getBackend: () => 'fake',
    backend: () => backend,
    enableProdMode: () => {
      calls.push('enableProdMode');
    },
    setBackend: async (name) => {
      calls.push(`setBackend ${name}`);
      return starts;
    },
  };
}

function notFound(name: string): Error {
  const error = new Error(`Cannot find package '${name}' imported from /somewhere/load.js`);
  return Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' });
}

/** Packages that are there, and what importing them gives or throws; the others are not installed. */
function installed(modules: Partial<Record<TfjsPackage, unknown>>): { importer: Importer; asked: string[] } {
  const asked: string[] = [];
  const importer: Importer = async (name) => {
    asked.push(name);
    const module = Object.entries(modules).find(([key]) => key === name)?.[1];
    if (module === undefined) throw notFound(name);
    if (module instanceof Error) throw module;
    return module;
  };
  return { importer, asked };
}

const native = { version: { tfjs: '4.22.0', 'tfjs-node': '4.21.0' } };
const onGpu = fake({ ...native, backend: { isUsingGpuDevice: true, binding: { TF_Version: '2.9.1' } } });
const onCpu = fake({ ...native, backend: { isUsingGpuDevice: false, binding: { TF_Version: '2.9.1' } } });

describe('loading', () => {
  it('takes the package for GPUs first', async () => {
    const { importer, asked } = installed({
      '@tensorflow/tfjs-node-gpu': onGpu,
      '@tensorflow/tfjs-node': onCpu,
      '@tensorflow/tfjs': fake(),
    });
    const { tf, found } = await loadTfjs({ importer });
    expect(tf).toBe(onGpu);
    expect(asked).toEqual(['@tensorflow/tfjs-node-gpu']);
    expect(found).toEqual({
      package: '@tensorflow/tfjs-node-gpu',
      version: '4.21.0',
      tensorflow: '2.9.1',
      gpu: true,
      description: 'tfjs-node-gpu 4.21.0 (TensorFlow 2.9.1), GPU',
    });
    expect(onGpu.calls).toEqual(['enableProdMode', 'setBackend tensorflow']);
  });

  it('goes on where that is not installed, and where it does not load', async () => {
    const broken = new Error('libcudart.so.11.0: cannot open shared object file\nat somewhere');
    const { importer } = installed({ '@tensorflow/tfjs-node-gpu': broken, '@tensorflow/tfjs-node': onCpu });
    const report = await probeTfjs({ importer });
    expect(report.attempts).toEqual([
      {
        package: '@tensorflow/tfjs-node-gpu',
        outcome: 'failed',
        reason: 'libcudart.so.11.0: cannot open shared object file',
      },
      { package: '@tensorflow/tfjs-node', outcome: 'loaded' },
    ]);
    expect(report.found?.description).toBe('tfjs-node 4.21.0 (TensorFlow 2.9.1), CPU');
    expect(report.cure).toBe('npm rebuild @tensorflow/tfjs-node-gpu --build-addon-from-source');
  });

  it('ends with the pure JavaScript backend', async () => {
    const tf = fake();
    const { found } = await loadTfjs({ importer: installed({ '@tensorflow/tfjs': tf }).importer });
    expect(found).toEqual({
      package: '@tensorflow/tfjs',
      version: '4.22.0',
      gpu: false,
      description: 'TensorFlow.js 4.22.0, pure JavaScript CPU backend',
    });
    expect(tf.calls).toContain('setBackend cpu');
  });

  it('finds a module that Node wraps as a default', async () => {
    const tf = fake();
    const loaded = await loadTfjs({ importer: installed({ '@tensorflow/tfjs': { default: tf } }).importer });
    expect(loaded.tf).toBe(tf);
  });

  it('refuses what is no TensorFlow.js, and a backend that does not start', async () => {
    const { importer } = installed({
      '@tensorflow/tfjs-node': { version: {} },
      '@tensorflow/tfjs': fake({ starts: false }),
    });
    const { attempts, found } = await probeTfjs({ importer });
    expect(found).toBeUndefined();
    expect(attempts.map(({ reason }) => reason)).toEqual([
      undefined,
      expect.stringContaining('not the TensorFlow.js'),
      'its backend cpu cannot be started',
    ]);
  });

  it('is a typed error with every reason and the cure where there is none', async () => {
    const missing = loadTfjs({ importer: installed({}).importer });
    await expect(missing).rejects.toBeInstanceOf(GenonnxError);
    await expect(missing).rejects.toMatchObject({
      code: 'engine',
      exitCode: 3,
      details: {
        found: expect.stringContaining('@tensorflow/tfjs-node is not installed'),
        cure: expect.stringContaining('npm install @tensorflow/tfjs-node-gpu'),
      },
    });
  });

  it('tells a package that is missing from one that misses something itself', async () => {
    const { importer } = installed({ '@tensorflow/tfjs-node': notFound('seedrandom') });
    const { attempts } = await probeTfjs({ importer });
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['not installed', 'failed', 'not installed']);
  });
});

describe('TensorFlow.js itself', () => {
  it('has what the engine knows of it', async () => {
    const real: Tfjs = await import('@tensorflow/tfjs');
    expect(isTfjs(real)).toBe(true);
    expect(isTfjs({ ...real, engine: undefined })).toBe(false);
    expect(isTfjs(undefined)).toBe(false);
  });
});

describe('the report', () => {
  it('misses nothing on a GPU', async () => {
    const report = await probeTfjs({ importer: installed({ '@tensorflow/tfjs-node-gpu': onGpu }).importer });
    expect(report.found?.gpu).toBe(true);
    expect(report.missing).toBeUndefined();
    expect(report.cure).toBeUndefined();
  });

  it('names the libraries where the package for GPUs sees none', async () => {
    const report = await probeTfjs({ importer: installed({ '@tensorflow/tfjs-node-gpu': onCpu }).importer });
    expect(report.missing).toBe('a GPU that TensorFlow sees');
    expect(report.cure).toContain('CUDA 11.2');
  });

  it('says what to install elsewhere', async () => {
    const withNode = await probeTfjs({ importer: installed({ '@tensorflow/tfjs-node': onCpu }).importer });
    expect(withNode.missing).toBe('@tensorflow/tfjs-node-gpu');
    expect(withNode.cure).toBe('npm install @tensorflow/tfjs-node-gpu');
    const none = await probeTfjs({ importer: installed({}).importer });
    expect(none).toMatchObject({ missing: 'TensorFlow.js', cure: 'npm install @tensorflow/tfjs-node-gpu' });
  });
});

describe('what Node 23 took away', () => {
  afterEach(() => {
    delete process.env.TF_CPP_MIN_LOG_LEVEL;
  });

  it('is put back before tfjs-node is imported', () => {
    const bare: { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean } =
      {};
    prepareForNode(bare);
    expect([null, undefined, 0, ''].map((value) => bare.isNullOrUndefined?.(value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([[], {}, new Float32Array()].map((value) => bare.isArray?.(value))).toEqual([true, false, false]);
  });

  it('is left alone where it is there', () => {
    const own = { isNullOrUndefined: () => 'own', isArray: () => 'own' };
    prepareForNode(own);
    expect([own.isNullOrUndefined(), own.isArray()]).toEqual(['own', 'own']);
  });

  it('is there when the native packages are imported', async () => {
    const seen: boolean[] = [];
    const importer: Importer = async (name) => {
      seen.push('isNullOrUndefined' in util && 'isArray' in util);
      throw notFound(name);
    };
    await probeTfjs({ importer });
    expect(seen).toEqual([true, true, true]);
  });

  it("leaves TensorFlow's own remarks off, unless somebody asked for them", () => {
    prepareForNode({});
    expect(process.env.TF_CPP_MIN_LOG_LEVEL).toBe('2');
    process.env.TF_CPP_MIN_LOG_LEVEL = '0';
    prepareForNode({});
    expect(process.env.TF_CPP_MIN_LOG_LEVEL).toBe('0');
  });
});
