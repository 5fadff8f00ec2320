// What search, train, compile, derive, draw and export need runs wherever JavaScript runs: no module of Node's, no runtime,
// no global that only Node has. What touches the machine (files, threads, ONNX Runtime) is passed in at the edge.
import { describe, expect, it } from 'vitest';
import { type Impurity, importsOf, impuritiesOf } from './support/imports.js';

/** Packages that run anywhere: nothing native, no files, no network. */
const purePackages = ['zod', 'pure-rand', '@noble/hashes', 'onnx-proto', '@viz-js/viz', 'echarts'];

/** Entry by entry, so that a failure says which of them is no longer pure. */
const entries = [
  // Searches and trainings, what they are kept in, and how they are watched.
  'src/search/search-run.ts',
  'src/search/footprint.ts',
  'src/train/train-run.ts',
  'src/train/footprint.ts',
  'src/library/watch.ts',
  'src/tasks/tasks.ts',
  'src/runs/run-store.ts',
  'src/runs/memory-files.ts',
  'src/runs/browser-files.ts',
  'src/runs/manifest.ts',
  // Runs in a page's worker, but for what browsers have.
  'src/lab/service.ts',
  'src/lab/seen-picture.ts',
  // The engine, but for its runtime.
  'src/engines/choice.ts',
  'src/engines/checked.ts',
  'src/engines/ort/engine.ts',
  'src/engines/ort/channel.ts',
  'src/engines/ort/host.ts',
  'src/engines/ort/serve.ts',
  'src/engines/ort/block-size.ts',
  'src/engines/ort/model-runner.ts',
  'graphs/onnx/self-check.ts',
  // The entry for browsers.
  'src/entries/browser.ts',
  // Networks to models.
  'src/networks/inference.ts',
  'src/networks/metadata.ts',
  'src/deploy/compile.ts',
  'src/deploy/compile-language.ts',
  'src/deploy/language-files.ts',
  'src/deploy/compile-model.ts',
  'src/deploy/opened-model.ts',
  'src/deploy/optimize.ts',
  'src/deploy/match-weights.ts',
  'src/deploy/decode-weights.ts',
  'graphs/interpret/interpret.ts',
  'graphs/safetensors.ts',
  // Texts.
  'datasets/text/tokens.ts',
  'datasets/text/tokenise.ts',
  'src/data/text/detokenise.ts',
  'src/data/text/window-source.ts',
  'src/data/text/windows.ts',
  'src/data/text/masks.ts',
  // Pictures, but for reading and decoding them.
  'src/data/resize.ts',
  'src/data/pictures/views.ts',
  'src/data/picture-batches.ts',
  'datasets/dataset.ts',
  'datasets/idx.ts',
  // Genotypes.
  'src/spaces/parse.ts',
  'src/spaces/print.ts',
  'src/spaces/zoo.ts',
  'src/estimators/methods.ts',
  'src/estimators/alphas-file.ts',
  'src/estimators/alphas-kinds.ts',
  'src/estimators/derive-alphas.ts',
  'src/bench/cells/latency-table.ts',
  // Drawings, reports and exporters.
  'src/report/report.ts',
  'src/report/study.ts',
  'exporters/dot.ts',
  'exporters/svg.ts',
  'exporters/onnx.ts',
  'exporters/ort-web.ts',
  'exporters/pytorch.ts',
  'exporters/tfjs.ts',
];

const isPure = (name: string) => purePackages.includes(name);
const describeAll = (found: readonly Impurity[]) =>
  found.map(({ needs, chain }) => `${needs}, by ${chain.join(' > ')}`);

describe('what runs anywhere', () => {
  it.each(entries)('%s', (entry) => {
    expect(describeAll(impuritiesOf(entry, isPure))).toEqual([]);
  });
});

describe('the walk', () => {
  it('names what it finds, with the files that lead to it', () => {
    const found = describeAll(impuritiesOf('src/runs/run-folder.ts', isPure));
    expect(found).toContain('node:fs/promises, by src/runs/run-folder.ts');
    expect(found).toContain(
      'node:crypto, by src/runs/run-folder.ts > src/runs/folder-files.ts > src/runs/lock.ts',
    );
    const engine = describeAll(impuritiesOf('src/engines/ort/node.ts', isPure));
    expect(engine).toContain('onnxruntime-node, by src/engines/ort/node.ts');
  });

  it('sees every kind of import that stays when types are gone, and only those', () => {
    const source = `
      import a from 'default';
      import { b, type B } from 'named';
      import * as c from "namespace";
      import {
        d,
      } from 'lines';
      import 'effect';
      export { e } from 'again';
      export * from 'all';
      const f = await import('dynamic');
      import type { G } from 'type';
      export type { H } from 'type-again';
      // import 'comment';
      /* import 'block'; */
      type I = typeof import('typeof');`;
    expect(importsOf(source)).toEqual([
      'default',
      'named',
      'namespace',
      'lines',
      'effect',
      'again',
      'all',
      'dynamic',
    ]);
  });
});
