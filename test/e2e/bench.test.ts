// `genonnx bench` of a tiny model, end to end: as a user types it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { parseResults } from '../../src/bench/results.js';
import { noBrowser } from '../support/browser.js';
import { finishedLanguageRun } from '../support/language-models.js';
import { folderWith, smallModel } from '../support/small-model.js';
import { freshFolder, genonnx } from './command.js';

const folder = folderWith(smallModel());
const model = join(folder, 'model.onnx');
const quick = ['--rounds', '3', '--runs', '6', '--threads', '1'];

async function bench(...args: readonly string[]): Promise<string> {
  const ended = await genonnx(['bench', ...args]);
  expect(ended.exitCode, String(ended.stderr)).toBe(0);
  return String(ended.stdout);
}

describe('bench', { timeout: 120_000 }, () => {
  it('measures every form of a model at every batch, with a receipt', async () => {
    const args = [model, '--optimize', 'none,cpu', '--batch', '1,4', '--level', 'all', ...quick, '--json'];
    const { device, measurements } = parseResults(await bench(...args), 'bench');
    expect(device.processor.cores).toBeGreaterThan(0);
    expect(measurements.map(({ variant, execution: { batch } }) => [variant, batch])).toEqual([
      ['as traced', 1],
      ['for processors', 1],
      ['as traced', 4],
      ['for processors', 4],
    ]);
    for (const { model: receipt, execution, roundsMs, roofline, achieved, withheld, time } of measurements) {
      expect(receipt.path).toBe(model);
      expect(roundsMs).toHaveLength(3);
      expect(execution.placement?.providers).toMatchObject([
        { provider: 'CPUExecutionProvider', timeShare: 1 },
      ]);
      expect(execution.threads).toBe(1);
      expect(achieved?.gflops).toBeGreaterThan(0);
      // Beside other work, peaks are left out.
      if (withheld === undefined) expect(achieved?.shareOfPeak).toBeGreaterThan(0);
      expect(roofline === null).toBe(withheld === 'unsteady' || withheld === 'unmeasured');
      expect(time?.byCell.map(({ name }) => name)).toContain('cells.2');
    }
    const [one, other] = measurements;
    expect(one?.model.sha256).not.toBe(other?.model.sha256);
  });

  it('measures language models by batch and length, in words a second', async () => {
    const run = finishedLanguageRun();
    const models = [join(run, 'model.onnx'), join(run, 'model.step.onnx')];
    const sizes = ['--batch', '1,3', '--length', '1,5'];
    const page = join(run, 'bench.html');
    const kept = await bench(...models, ...sizes, ...quick, '--no-roofline', '--json', '--html', page);
    const { measurements } = parseResults(kept, 'bench');
    expect(
      measurements.map(({ model: { path }, execution: { batch, length } }) => [path, batch, length]),
    ).toEqual(
      [1, 3].flatMap((batch) => [
        [models[0], batch, 1],
        [models[0], batch, 5],
        [models[1], batch, 1],
      ]),
    );
    for (const { execution, summary, roundsMs, achieved } of measurements) {
      const runs = roundsMs.flat();
      const seconds = runs.reduce((sum, ms) => sum + ms, 0) / 1000;
      const words = execution.batch * (execution.length ?? 0) * runs.length;
      expect(summary.wordsPerSecond).toBeCloseTo(words / seconds, 3);
      expect(summary.imagesPerSecond).toBeUndefined();
      expect(achieved?.gflops).toBeGreaterThan(0);
    }
    expect(readFileSync(page, 'utf8')).toContain('batch 3, length 5');
    const results = join(run, 'results.json');
    writeFileSync(results, kept);
    expect(await bench('--show', results)).toMatch(/words[\s\S]*length/);
    expect(await bench('--compare', results, results)).toMatch(/batch +length/);

    const refused = await genonnx(['bench', model, '--length', '5', ...quick]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('--length');
  });

  it('prints a table, writes a page, and compares two files of results', async () => {
    const page = join(folder, 'made', 'on', 'the', 'way', 'bench.html');
    const text = await bench(model, ...quick, '--no-roofline', '--html', page);
    for (const word of ['model.onnx', 'median', 'p99', 'CPUExecutionProvider', 'cores'])
      expect(text).toContain(word);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<svg/i);

    const results = join(folder, 'results.json');
    writeFileSync(results, await bench(model, ...quick, '--no-roofline', '--json'));
    expect(await bench('--compare', results, results)).toMatch(/no difference/i);
    expect(await bench('--show', results)).toContain('model.onnx');
    expect(JSON.parse(await bench('--show', results, '--json'))).toEqual(
      JSON.parse(readFileSync(results, 'utf8')),
    );

    const elsewhere = join(folder, 'elsewhere.json');
    writeFileSync(
      elsewhere,
      readFileSync(results, 'utf8').replace(/("processor": \{\s*"model": )"[^"]*"/, '$1"Another"'),
    );
    const refused = await genonnx(['bench', '--compare', results, elsewhere]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/receipts do not allow[\s\S]*processor/);
  });

  it('measures the others when one fails, in the middle of a series of batches too', async () => {
    // One is no model, and the other takes two images and no other number.
    const broken = join(folder, 'broken.onnx');
    writeFileSync(broken, readFileSync(model).subarray(0, 2000));
    const pairs = join(folder, 'pairs.onnx');
    writeFileSync(pairs, smallModel({}, 2));
    const [results, page] = [join(folder, 'partial.json'), join(folder, 'partial.html')];
    const args = [
      pairs,
      broken,
      model,
      '--batch',
      '1,2',
      ...quick,
      '--no-roofline',
      '--html',
      page,
      '--json',
    ];
    const ended = await genonnx(['bench', ...args]);
    expect(ended.exitCode).toBe(1);
    writeFileSync(results, String(ended.stdout));
    const { measurements, failures } = parseResults(String(ended.stdout), 'bench');
    expect(measurements.map((one) => [one.model.path, one.execution.batch])).toEqual([
      [model, 1],
      [pairs, 2],
      [model, 2],
    ]);
    expect(failures.map((one) => [one.model, one.candidate?.batch, one.code])).toEqual([
      [pairs, 1, 'usage'],
      [broken, 1, 'model-corrupt'],
      [broken, 2, 'model-corrupt'],
    ]);
    // The library's names of options are the command's flags here, too.
    expect(failures[0]?.message).toContain('--batch 1\n');
    expect(readFileSync(page, 'utf8')).toContain('id="failures"');
    expect(await bench('--show', results)).toMatch(
      /^Not measured\n- .*pairs\.onnx \(as given, cpu, batch 1,/m,
    );

    // Of a broken model no forms can be made, which stops nothing either.
    const forms = await genonnx(['bench', broken, model, '--optimize', 'fold', ...quick, '--no-roofline']);
    expect(forms.exitCode).toBe(1);
    expect(forms.stdout).toMatch(/^Not measured\n- .*broken\.onnx\n/m);
  });

  it('ends with the error where nothing is measured', async () => {
    const broken = join(folder, 'none-of-them.onnx');
    writeFileSync(broken, 'no model');
    const ended = await genonnx(['bench', broken, '--batch', '1,8', ...quick, '--no-roofline']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(/not measured: .*batch 8/);
    expect(ended.stderr).toMatch(/error: .*[\s\S]*none-of-them\.onnx/);
    expect(ended.stdout).toBe('');
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const temporary = freshFolder();
    const options = { env: { TMPDIR: temporary }, timeout: 60_000 };
    const measuring = genonnx(
      ['bench', model, '--optimize', 'cpu', '--rounds', '500', '--no-roofline'],
      options,
    );
    await vi.waitUntil(
      () => readdirSync(temporary).some((name) => name.startsWith('genonnx-bench-')),
      30_000,
    );
    await setTimeout(1500);
    measuring.kill('SIGINT');
    expect((await measuring).exitCode).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('prints the schema of its results', async () => {
    expect(JSON.parse(await bench('--schema'))).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: expect.arrayContaining(['device', 'measurements']),
    });
  });

  it.skipIf(noBrowser !== undefined)('measures in Chromium beside Node', async () => {
    const args = [model, '--provider', 'cpu,web-wasm', ...quick, '--no-roofline', '--json'];
    const { measurements } = parseResults(await bench(...args), 'bench');
    expect(measurements.map(({ runtime }) => runtime.name)).toEqual(['onnxruntime-node', 'onnxruntime-web']);
    expect(measurements[1]?.runtime.host).toContain('Chrom');
  });

  it.each([
    [[], /nothing to measure/],
    [[model, '--provider', 'coreml'], /macOS|execution provider/],
    [[model, '--provider', 'gpu'], /cuda/],
    [['--compare', 'one.json'], /two/],
    [[model, '--show', 'results.json'], /one of these can be done at a time/],
    [[join(folder, 'none.onnx')], /none\.onnx/],
    [[model, '--optimize', 'cpu', '--batch', '1,x'], /whole number/],
  ])('refuses %j', async (args, message) => {
    const ended = await genonnx(['bench', ...args]);
    expect(ended.exitCode).toBeGreaterThan(1);
    expect(ended.stderr).toMatch(message);
  });
});
