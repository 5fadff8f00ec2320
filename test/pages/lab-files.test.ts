// What the page of the lab is built into: nothing that its policy would refuse, and a page that loads without its worker.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { packageRoot } from '../../datasets/package-root.js';
import { providersPath } from '../../exporters/lab/providers-file.js';
import { runtimePaths } from '../../exporters/ort-web/runtime.js';
import { exportLab } from '../../src/library/lab.js';

const folder = join(packageRoot(), 'dist', 'pages', 'lab');
const assets = readdirSync(join(folder, 'assets'));
const compressed = (name: string) => gzipSync(readFileSync(join(folder, 'assets', name))).length;

it('has a page of at most 60 kB and a worker of at most 700 kB, compressed', () => {
  const [workers, others] = [true, false].map((isWorker) =>
    assets.filter((name) => name.startsWith('worker') === isWorker).map(compressed),
  );
  expect(others?.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60_000);
  expect(workers?.length).toBe(1);
  expect(workers?.[0]).toBeLessThanOrEqual(700_000);
});

it('has no scripts and no styles inside of its HTML, and loads nothing from elsewhere', () => {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(html).toMatch(/<script [^>]*src="\.\/assets\//);
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:/);
});

it.each([true, false])('names the runtimes that it has (WebGPU: %s)', async (webgpu) => {
  const { files } = await exportLab({ webgpu });
  const named = files.find(({ path }) => path === providersPath)?.content;
  const providers: unknown = JSON.parse(String(named));
  expect(providers).toEqual(webgpu ? ['wasm', 'webgpu'] : ['wasm']);
  const modules = Object.values(runtimePaths(['wasm', 'webgpu'])).map(({ module }) => module);
  expect(files.filter(({ path }) => modules.includes(path)).length).toBe(webgpu ? 2 : 1);
});
