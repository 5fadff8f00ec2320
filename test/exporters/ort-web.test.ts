// What the exporter writes, without a browser.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportFile } from '../../exporters/export-file.js';
import { type OrtWebOptions, ortWebRuntimeFiles, toOrtWeb } from '../../exporters/ort-web.js';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import { compileModel } from '../../src/deploy/compile-model.js';
import { readOrtWebParts } from '../../src/deploy/ort-web-parts.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { bytesOf } from '../support/static-server.js';
import { caseImages, expectedOutputs, exportCase } from './export-case.js';
import { emptyRuntime, pageParts, runOrtWeb } from './runners/ort-web.js';

const { genotype } = zooEntry('DARTS_V2');
const colour = exportCase(genotype);
const labels = ['a', 'b', '<script>', 'd', 'e'];
const normalisation = { mean: [0.1, 0.2, 0.3], standardDeviation: [0.4, 0.5, 0.6] };

const options: OrtWebOptions = {
  name: 'A *model* <b>',
  metadata: colour.metadata,
  classes: labels,
  normalisation,
  ...pageParts,
};

describe('the folder', () => {
  it('holds page, module, model and runtime', () => {
    const paths = toOrtWeb(colour.bound, options).map(({ path }) => path);
    expect(paths).toEqual([
      'README.md',
      'index.html',
      'style.css',
      'page.js',
      'classifier.js',
      'classifier.d.ts',
      'onnxruntime/LICENSE',
      'model.json',
      'model.onnx',
      'onnxruntime/ort.wasm.bundle.min.mjs',
      'onnxruntime/ort-wasm-simd-threaded.wasm',
      'onnxruntime/ort.webgpu.bundle.min.mjs',
      'onnxruntime/ort-wasm-simd-threaded.asyncify.wasm',
    ]);
  });

  it('leaves out what only WebGPU needs where that is not wanted', () => {
    const files = toOrtWeb(colour.bound, { ...options, providers: ['wasm'] });
    expect(files.filter(({ path }) => /webgpu|asyncify/.test(path))).toEqual([]);
    expect(Object.keys(JSON.parse(text(files, 'model.json')).runtimes)).toEqual(['wasm']);
    expect(text(files, 'README.md')).not.toMatch(/webgpu/i);
    expect(ortWebRuntimeFiles(['wasm'])).toEqual(emptyRuntime.slice(0, 2).map(({ path }) => path));
  });

  it('is the same for the same model', () => {
    expect(toOrtWeb(colour.bound, options)).toEqual(toOrtWeb(colour.bound, options));
  });

  it('carries the runtime as it was given', async () => {
    const { runtime } = await readOrtWebParts();
    const files = toOrtWeb(colour.bound, { ...options, runtime });
    for (const { path, content } of runtime)
      expect(Buffer.compare(bytesOf(file(files, `onnxruntime/${path}`).content), content)).toBe(0);
  });

  it('holds the model that compile writes', () => {
    const model = bytesOf(file(toOrtWeb(colour.bound, options), 'model.onnx').content);
    const compiled = compileModel(colour.bound, { metadata: colour.metadata }).bytes;
    expect(Buffer.compare(model, compiled)).toBe(0);
  });

  it('leaves the auxiliary head out', () => {
    const withHead = exportCase(genotype, { auxiliary: true, image: { channels: 3, height: 32, width: 32 } });
    const files = toOrtWeb(withHead.bound, { ...options, metadata: withHead.metadata });
    const { graph, metadataProps } = decodeModel(bytesOf(file(files, 'model.onnx').content));
    expect(graph?.output?.map(({ name }) => name)).toEqual(['logits']);
    expect(graph?.initializer?.filter(({ name }) => name?.includes('auxiliary'))).toEqual([]);
    expect(metadataProps?.map(({ key, value }) => [key, value])).toEqual(Object.entries(withHead.metadata));
  });

  it('tells the page what it must know, in model.json', () => {
    expect(JSON.parse(text(toOrtWeb(colour.bound, options), 'model.json'))).toEqual({
      name: options.name,
      input: 'images',
      output: { name: 'logits', holds: 'logits' },
      image: { channels: 3, height: 16, width: 16 },
      batch: null,
      classes: labels,
      normalisation,
      preprocessing: null,
      runtimes: {
        wasm: {
          module: 'onnxruntime/ort.wasm.bundle.min.mjs',
          binary: 'onnxruntime/ort-wasm-simd-threaded.wasm',
        },
        webgpu: {
          module: 'onnxruntime/ort.webgpu.bundle.min.mjs',
          binary: 'onnxruntime/ort-wasm-simd-threaded.asyncify.wasm',
        },
      },
      metadata: colour.metadata,
    });
  });

  it('brings what makes pictures ready where the model says how', async () => {
    const parts = await readOrtWebParts();
    const preprocessing = { kind: 'centre', resize: 18, crop: 16 } as const;
    const files = toOrtWeb(colour.bound, { ...options, ...parts, preprocessing });
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['preprocessing/resize.js', 'preprocessing/pictures/centre-crop.js']),
    );
    expect(JSON.parse(text(files, 'model.json')).preprocessing).toEqual(preprocessing);
    expect(text(files, 'README.md')).toContain('central 16 x 16');
    for (const wrong of [
      { kind: 'fit', size: 17 },
      { kind: 'centre', resize: 256, crop: 224 },
    ] as const)
      expect(() => toOrtWeb(colour.bound, { ...options, ...parts, preprocessing: wrong })).toThrow(
        expect.objectContaining({ code: 'usage' }),
      );
  });

  it('numbers classes without labels, and knows a batch of one', () => {
    const { name, metadata } = options;
    const single = exportCase(genotype, { batch: 1, classes: 2 });
    const facts = JSON.parse(text(toOrtWeb(single.bound, { name, metadata, ...pageParts }), 'model.json'));
    expect(facts).toMatchObject({ batch: 1, classes: ['class 0', 'class 1'], normalisation: null });
  });

  it('explains itself in README.md, where a name is no markup', async () => {
    const files = toOrtWeb(colour.bound, { ...options, ...(await readOrtWebParts()) });
    const readme = text(files, 'README.md');
    expect(readme).toMatch(/^# A \\\*model\\\* \\<b\\>\n/);
    expect(readme).toContain('3 channels of 16 x 16 pixels in,\n5 classes out');
    for (const { path } of files.filter((each) => each.path !== 'README.md'))
      expect(readme).toContain(`\`${path}\``);
    // The sizes of onnxruntime-web 1.30, as the documentation of the runtime's files gives them.
    expect(readme.match(/[\d.]+ MB/g)?.slice(1)).toEqual(['0.07 MB', '14.2 MB', '0.12 MB', '26.8 MB']);
  });

  it('says of random weights that they are', () => {
    expect(text(toOrtWeb(colour.bound, options), 'README.md')).not.toContain('random');
    const random = { ...options, metadata: { ...options.metadata, weights: 'random' } };
    expect(text(toOrtWeb(colour.bound, random), 'README.md')).toMatch(/weights of this network are random/);
  });

  it('asks nothing of other hosts and runs nothing inline', () => {
    const html = text(toOrtWeb(colour.bound, options), 'index.html');
    expect(html).not.toMatch(/https?:|\/\/|<script>|<style>| on\w+=| style=/);
    expect(html).toContain(`default-src 'none'`);
  });
});

describe('a model that the folder cannot serve', () => {
  const attempt = (bound: BoundGraph, change: Partial<OrtWebOptions> = {}) => {
    return () => toOrtWeb(bound, { name: 'x', metadata: {}, ...pageParts, ...change });
  };
  const outputs = (...names: string[]): BoundGraph => {
    const { graph, weights } = colour.bound;
    return {
      graph: { ...graph, outputs: graph.outputs.map((output, i) => ({ ...output, name: names[i]! })) },
      weights,
    };
  };

  it.each([
    ['too few labels', attempt(colour.bound, { classes: ['a'] }), 'usage', /5 labels\n {2}found: {4}1/],
    [
      'too few means',
      attempt(colour.bound, { normalisation: { ...normalisation, mean: [0] } }),
      'usage',
      /3 means\n {2}found: {4}1/,
    ],
    [
      'too many deviations',
      attempt(colour.bound, { normalisation: { ...normalisation, standardDeviation: [1, 1, 1, 1] } }),
      'usage',
      /3 standard deviations\n {2}found: {4}4/,
    ],
    ['a fixed batch', attempt(exportCase(genotype, { batch: 4 }).bound), 'shape', /a batch of 4/],
    [
      'two channels',
      attempt(exportCase(genotype, { image: { channels: 2, height: 16, width: 16 } }).bound),
      'channels',
      /2 channels/,
    ],
    ['no logits', attempt(outputs('scores')), 'shape', /found: {4}scores \[batch, 5\]/],
    [
      'weights that are fed',
      attempt({ graph: colour.bound.graph, weights: new Map() }),
      'shape',
      /does not take images/,
    ],
    [
      'a part of the runtime missing',
      attempt(colour.bound, { runtime: emptyRuntime.slice(1) }),
      'file-missing',
      /ort\.wasm\.bundle\.min\.mjs/,
    ],
    ['no runtime', attempt(colour.bound, { runtime: [] }), 'file-missing', /no files/],
    [
      'a part of the page missing',
      attempt(colour.bound, { site: pageParts.site.slice(1) }),
      'file-missing',
      /expected: index\.html/,
    ],
    [
      'another size of image',
      attempt(colour.bound, { image: { channels: 3, height: 16, width: 20 } }),
      'shape',
      /16x16x3\n {2}found: {4}16x20x3/,
    ],
  ])('gets a typed error: %s', (_, act, code, message) => {
    expect(act).toThrow(expect.objectContaining({ name: 'GenonnxError', code }));
    expect(act).toThrow(message);
  });
});

describe('the module for TypeScript', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'genonnx-types-'));
    for (const name of ['classifier.js', 'classifier.d.ts', 'page.js'])
      writeFileSync(join(folder, name), text(toOrtWeb(colour.bound, options), name));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has types that users and its own code agree with', () => {
    // Under another name TypeScript sees the code itself, and not its declarations.
    copyFileSync(join(folder, 'classifier.js'), join(folder, 'code.js'));
    const pictures = join(folder, 'preprocessing', 'pictures');
    mkdirSync(pictures, { recursive: true });
    const picture = 'interface Picture { height: number; width: number; channels: number; data: Uint8Array }';
    for (const [name, signature] of [
      ['fit', 'fitted(picture: Picture, size: number): Picture'],
      ['centre-crop', 'centreCrop(picture: Picture, sizes: { resize: number; crop: number }): Picture'],
    ])
      writeFileSync(join(pictures, `${name}.d.ts`), `${picture}\nexport function ${signature};\n`);
    const facts = text(toOrtWeb(colour.bound, options), 'model.json');
    writeFileSync(
      join(folder, 'program.ts'),
      `import * as declared from './classifier.js';
import * as code from './code.js';
export const same: typeof declared = code;
export const facts: declared.Facts = ${facts};
export async function use(file: File, canvas: HTMLCanvasElement): Promise<number> {
  const classifier: declared.Classifier = await declared.load({ provider: 'webgpu', baseUrl: '/models/' });
  const { label, top, latencyMs } = await classifier.classify(canvas);
  const names: string[] = [label, ...top.map((ranked) => ranked.label)];
  const logits: Float32Array = await classifier.run(await classifier.pixels(file));
  await classifier.release();
  return names.length + logits.length + latencyMs;
}
`,
    );
    expect(typeErrors('program.ts', 'page.js')).toBe('');
  });

  it('refuses what it cannot do', () => {
    writeFileSync(
      join(folder, 'wrong.ts'),
      `import { load } from './classifier.js';
load({ provider: 'webgl' });
load().then((classifier) => classifier.classify('cat.png'));
load().then((classifier) => classifier.run([1, 2, 3]));
`,
    );
    expect(typeErrors('wrong.ts').match(/^wrong\.ts\((\d),/gm)).toEqual([
      'wrong.ts(2,',
      'wrong.ts(3,',
      'wrong.ts(4,',
    ]);
  });

  /** What the compiler says of files in the folder, JavaScript too. */
  function typeErrors(...names: string[]): string {
    const compiler = join(
      dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
      'bin/tsc',
    );
    const flags = ['--noEmit', '--strict', '--allowJs', '--checkJs', '--noUncheckedIndexedAccess'];
    const target = ['--target', 'es2023', '--lib', 'es2023,dom,dom.iterable', '--module', 'esnext'];
    try {
      execFileSync(
        process.execPath,
        [compiler, ...flags, ...target, '--moduleResolution', 'bundler', ...names],
        {
          cwd: folder,
          encoding: 'utf8',
        },
      );
      return '';
    } catch (error) {
      if (error instanceof Error && 'stdout' in error) return String(error.stdout);
      throw error;
    }
  }
});

describe('the model in WebAssembly', () => {
  it('has the logits of the interpreter', async () => {
    const images = caseImages(colour, 2);
    const outputs = await runOrtWeb(colour, images);
    if (!('logits' in outputs)) throw new Error('expected logits');
    const { logits } = outputs;
    const expected = expectedOutputs(colour.bound, images).logits!;
    expect(logits.shape).toEqual(expected.shape);
    const departures = Array.from(logits.data, (value, i) => Math.abs(value - expected.data[i]!));
    expect(Math.max(...departures)).toBeLessThan(1e-5);
  });
});

function file(files: readonly ExportFile[], path: string): ExportFile {
  const found = files.find((each) => each.path === path);
  if (found === undefined) throw new Error(`expected ${path}`);
  return found;
}

function text(files: readonly ExportFile[], path: string): string {
  return new TextDecoder().decode(bytesOf(file(files, path).content));
}
