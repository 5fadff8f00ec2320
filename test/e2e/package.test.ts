// From the registry: what would be published is small and whole; it installs into an empty folder, compiles into a strict
// program, and runs there.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { example, readmeExamples } from '../support/examples.js';
import { entries, type Installed, install, pack, repository, type Tarball } from '../support/package.js';

const tarball: Tarball = await pack();

afterAll(() => rmSync(dirname(tarball.path), { recursive: true, force: true }));

describe('the tarball', () => {
  const paths = new Set(tarball.files.map(({ path }) => path));

  it('is at most 2 MB without embedded data, and 8 MB with it', () => {
    // Embedded data is compressed already: in the tarball it takes what it takes on a disk.
    const dataBytes = tarball.files
      .filter(({ path }) => path.startsWith('datasets/'))
      .reduce((sum, { size }) => sum + size, 0);
    const [all, without] = [tarball.sizeBytes, tarball.sizeBytes - dataBytes].map((bytes) => bytes / 1e6);
    console.log(`tarball: ${all?.toFixed(2)} MB, ${without?.toFixed(2)} MB without embedded data`);
    expect(without).toBeLessThan(2);
    expect(all).toBeLessThan(8);
  });

  it('has neither source maps without sources nor anything that only a checkout needs', () => {
    expect(
      [...paths].filter((path) =>
        /\.map$|^(?!examples\/).*(?<!\.d)\.ts$|tsconfig|^dist\/datasets\/make-|^test\/|^bin\/build/.test(
          path,
        ),
      ),
    ).toEqual([]);
    const scripts = [...paths].filter((path) => path.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(100);
    for (const path of scripts)
      expect(readFileSync(join(repository, path), 'utf8'), path).not.toContain('sourceMappingURL');
  });

  it('declares its functions in its own types, and in those of zod', () => {
    const seen = new Set<string>();
    const packages = new Map<string, string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(join(repository, file), 'utf8');
      for (const [, from = '', imported = from] of text.matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g))
        if (imported.startsWith('.'))
          visit(posix.join(posix.dirname(file), imported.replace(/\.js$/, '.d.ts')));
        else packages.set(imported, file);
    };
    for (const source of entries.values()) visit(`dist/${source.replace(/\.ts$/, '.d.ts')}`);
    expect(seen.size).toBeGreaterThan(50);
    // Others want a browser's types of every program that checks its libraries, or are declared nowhere.
    expect(Object.fromEntries(packages)).toEqual({ zod: expect.any(String) });
  });

  it('loads no native module before a model runs', async () => {
    // From within the package its own name means what it means to others.
    const program = `
      const loaded = [];
      const open = process.dlopen;
      process.dlopen = (module, file, ...rest) => {
        loaded.push(file);
        return open.call(process, module, file, ...rest);
      };
      const { createSession } = await import('./dist/src/deploy/ort-session.js');
      const { compile, compileModel, parseGenotype, zooEntry } = await import('genonnx');
      await import('genonnx/browser');
      const { genotype } = zooEntry('DATA_M4');
      const size = { cells: 1, initChannels: 2, classes: 2, image: { channels: 1, height: 4, width: 4 } };
      const { bound, metadata } = compile({ genotype, ...size });
      const { bytes } = compileModel(bound, { metadata });
      const before = loaded.length;
      await (await createSession(bytes, 'model')).release();
      console.log(before, loaded.length > before);`;
    const args = ['--input-type=module', '--eval', program];
    const { stdout, stderr } = await execa(process.execPath, args, { cwd: repository, reject: false });
    expect(stdout, stderr).toBe('0 true');
  });

  it('has every file that one of its documents links to', () => {
    const documents = [...paths].filter((path) => path.endsWith('.md'));
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/compile.md']));
    const dead = documents.flatMap((document) =>
      [...readFileSync(join(repository, document), 'utf8').matchAll(/\]\(([^)\s]+)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^(https?:|mailto:|#)/.test(link))
        .map((link) => posix.join(posix.dirname(document), link.replace(/#.*/, '')))
        .filter((target) => !paths.has(target))
        .map((target) => `${document} -> ${target}`),
    );
    expect(dead).toEqual([]);
  });
});

describe('installed into an empty folder', () => {
  let installed: Installed;

  beforeAll(async () => {
    installed = await install(tarball.path);
  }, 300_000);

  afterAll(() => {
    if ('folder' in installed) rmSync(dirname(installed.folder), { recursive: true, force: true });
  });

  /** Where the program is; skips, with the reason, where no registry answers. */
  const app = ({ skip }: TestContext): string =>
    'folder' in installed ? installed.folder : skip(installed.noRegistry);

  it('leaves the CUDA libraries where they are', (context) => {
    const runtime = join(app(context), 'node_modules/onnxruntime-node/bin/napi-v6');
    expect(existsSync(runtime)).toBe(true);
    expect(existsSync(join(runtime, 'linux/x64/libonnxruntime_providers_cuda.so'))).toBe(false);
  });

  it('compiles into a strict program, with every declaration checked, and runs', async (context) => {
    const folder = app(context);
    mkdirSync(join(folder, 'program'));
    const names = [...entries.keys()].map(
      (name, i) =>
        `import * as entry${i} from '${name}';\nconsole.log('${name}', Object.keys(entry${i}).length);\n`,
    );
    writeFileSync(join(folder, 'program/entries.ts'), names.join(''));
    const programs = [example('genotype-to-onnx.ts'), example('search-a-minute.ts'), ...readmeExamples()];
    for (const { name, source } of programs) writeFileSync(join(folder, 'program', name), source);
    const options = {
      target: 'ES2023',
      lib: ['ES2023'],
      types: ['node'],
      module: 'NodeNext',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      rootDir: 'program',
      outDir: 'out',
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, include: ['program'] }),
    );
    const compiler = join(repository, 'node_modules/typescript/bin/tsc');
    const compiled = await execa(process.execPath, [compiler, '-p', folder], { reject: false });
    expect(compiled.stdout).toBe('');
    expect(compiled.exitCode).toBe(0);
    const run = (file: string) => execa(process.execPath, [join(folder, 'out', file)], { cwd: folder });
    expect((await run('entries.js')).stdout.split('\n')).toHaveLength(entries.size);
    expect((await run('genotype-to-onnx.js')).stdout).toContain('agrees with the float64 interpreter');
  });

  it('is bundled for a browser without a module of Node', async (context) => {
    const folder = app(context);
    const { errors, warnings, metafile, outputFiles } = await build({
      stdin: { contents: example('page/page.ts').source, loader: 'ts', resolveDir: folder },
      bundle: true,
      write: false,
      metafile: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      logLevel: 'silent',
    });
    expect([...errors, ...warnings]).toEqual([]);
    const [bundle] = outputFiles;
    console.log(`bundle for a browser: ${((bundle?.contents.length ?? 0) / 1e6).toFixed(2)} MB`);
    expect(Object.keys(metafile.inputs).filter((path) => path.includes('onnxruntime-'))).toEqual([]);
    expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
  });

  it('runs the command', async (context) => {
    const folder = app(context);
    const { stdout } = await execa(join(folder, 'node_modules/.bin/genonnx'), ['zoo'], { cwd: folder });
    expect(stdout).toContain('DATA_M7');
  });
});
