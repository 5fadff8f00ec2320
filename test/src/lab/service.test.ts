// What the page's worker does, without a browser: runs in memory, on the native runtime.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { embeddedFolder } from '../../../datasets/package-root.js';
import type { OrtRuntime } from '../../../src/engines/ort/runtime.js';
import type { LabEvents } from '../../../src/lab/calls.js';
import { type LabPlace, labService } from '../../../src/lab/service.js';
import { MemoryFiles } from '../../../src/runs/memory-files.js';
import { classification } from '../../../src/tasks/classification/task.js';

/** An event, and what was told. */
interface Told {
  readonly event: keyof LabEvents;
  readonly about: LabEvents[keyof LabEvents];
}

/** The native runtime knows no provider of browsers: it takes the processor's place, and the graphics processor's fails. */
const runtime: OrtRuntime = {
  Tensor: ort.Tensor,
  InferenceSession: {
    create: async (model, { executionProviders = [], ...options }) => {
      if (executionProviders.includes('webgpu')) throw new Error('device lost');
      return await ort.InferenceSession.create(model, options);
    },
  },
};

function lab() {
  const runs = new Map<string, MemoryFiles>();
  const told: Told[] = [];
  const waiting = new Set<() => void>();
  const place: LabPlace = {
    runs: {
      names: async () => [...runs.keys()],
      at: (name) => {
        const files = runs.get(name) ?? new MemoryFiles(name);
        runs.set(name, files);
        return files;
      },
      remove: async (name) => {
        runs.delete(name);
      },
    },
    fetchFile: async (path) =>
      Uint8Array.from(
        await readFile(join(embeddedFolder('fashion-mnist'), path.replace(/^data\/(.*)\.bin$/, '$1'))),
      ),
    threads: 1,
    loadRuntime: async () => ({ ort: runtime, version: '1.30.0' }),
    hasGraphics: async () => true,
    browser: 'none',
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    zip: (files) => new TextEncoder().encode([...files.keys()].join('\n')),
    tell: (event, about) => {
      told.push({ event, about });
      for (const look of waiting) look();
    },
  };
  const until = (event: Told['event']): Promise<void> =>
    new Promise((resolve) => {
      const seen = told.length;
      const look = () => {
        if (!told.slice(seen).some((one) => one.event === event)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
    });
  return { calls: labService(place), runs, told, until };
}

const choice = {
  method: 'egs',
  samples: 2,
  seed: 1,
  cells: 1,
  channels: 1,
  batch: 2,
  epochs: 2,
  limit: 8,
} as const;

it('makes one run at a time, which is paused, goes on, and is taken along', {
  timeout: 120_000,
}, async () => {
  const { calls, told, until } = lab();
  const { classes, methods } = await calls.begin(null);
  expect(classes.length).toBe(10);
  expect(methods.find(({ name }) => name === 'darts')?.takesSamples).toBe(false);
  const tried = until('graphics');
  const begun = until('progress');
  expect(await calls.search(choice)).toBe('search-1');
  await begun;
  await expect(calls.search(choice)).rejects.toThrow('A run is under way.');
  await expect(calls.remove('search-1')).rejects.toThrow('A run is under way.');
  const stopped = until('ended');
  await calls.pause(null);
  await stopped;
  expect(told.at(-1)).toEqual({ event: 'ended', about: { run: 'search-1', finished: false } });
  expect((await calls.runs(null)).runs.map(({ name, state }) => [name, state])).toEqual([
    ['search-1', 'stopped'],
  ]);

  const ended = until('ended');
  await calls.resume('search-1');
  await ended;
  const { runs } = await calls.runs(null);
  const [run] = runs;
  expect(run).toMatchObject({ state: 'finished', done: 2, madeIn: 'ort in a browser' });
  expect((await calls.epochs('search-1')).map(({ epoch }) => epoch)).toEqual([1, 2]);
  const { cells } = await calls.draw(run?.genotype ?? '');
  expect(cells.map(({ svg }) => svg.startsWith('<svg'))).toEqual([true, true]);
  const packed = new TextDecoder().decode(await calls.pack('search-1')).split('\n');
  expect(packed).toContain('search-1/config.json');
  expect(packed).toContain('search-1/checkpoints/last.json');
  await tried;
  expect(told.find(({ event }) => event === 'graphics')?.about).toEqual({
    provider: 'wasm',
    reason: 'WebGPU failed: device lost',
    isUsable: false,
  });
  await expect(calls.model('search-1')).rejects.toThrow('This run has no model.');
  await calls.remove('search-1');
  expect(await calls.runs(null)).toEqual({ runs: [], damaged: [] });
});

it('refuses settings that cannot be before anything is written', async () => {
  const { calls } = lab();
  await expect(calls.search({ ...choice, limit: 2 })).rejects.toThrow('not enough images');
  await expect(calls.train({ ...choice, genotype: 'none' })).rejects.toThrow('genotype');
  expect(await calls.runs(null)).toEqual({ runs: [], damaged: [] });
});

it('lists damaged runs as such beside the others, and removes them where no other tab is in them', async () => {
  const { calls, runs } = lab();
  const put = async (name: string, contents: Readonly<Record<string, string>>) => {
    const files = new MemoryFiles(name);
    for (const [file, text] of Object.entries(contents)) await files.write(file, text);
    runs.set(name, files);
    return files;
  };
  const settings = classification.search.resolve({ preset: 'small', given: choice, threads: 1 });
  const config = JSON.stringify({
    kind: 'search',
    task: 'classification',
    settings,
    engine: 'ort',
    layout: { kind: 'portable' },
    data: { name: 'fashion-mnist', checksums: {} },
    tools: { genonnx: '0', onnxruntime: '0', browser: 'none' },
  });
  await put('search-1', { 'config.json': config });
  await put('search-2', { 'config.json': config.slice(0, 40) });
  await put('search-3', { 'config.json': config, 'journal.jsonl': '{"epoch":"one"}\n' });
  await put('search-4', { 'journal.jsonl': '' });
  await put('search-5', {});
  const files = await put('search-6', { 'config.json': '{"kind":"poem"}' });

  const stored = await calls.runs(null);
  expect(stored.runs.map(({ name }) => name)).toEqual(['search-1']);
  expect(stored.damaged.map(({ name, problem }) => [name, problem])).toEqual([
    ['search-2', expect.stringContaining('search-2/config.json')],
    ['search-3', expect.stringContaining('search-3/journal.jsonl:1')],
    ['search-4', expect.stringContaining('no configuration')],
    ['search-6', expect.stringContaining('no run of an image classifier')],
  ]);
  expect(new TextDecoder().decode(await calls.pack('search-2'))).toBe('search-2/config.json');
  await calls.remove('search-2');
  expect((await calls.runs(null)).damaged.map(({ name }) => name)).not.toContain('search-2');
  const otherTab = await files.lock();
  await expect(calls.remove('search-6')).rejects.toThrow();
  await otherTab.release();
  await calls.remove('search-6');
  expect([...runs.keys()]).not.toContain('search-6');
});
