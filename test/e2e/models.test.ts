import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseResults } from '../../src/bench/results.js';
import { freshFolder, genonnx } from './command.js';

const size = ['--channels', '4', '--cells', '3', '--image', '16x16x3', '--classes', '4'];

describe('compile, inspect, validate, bench, draw, derive', () => {
  const folder = freshFolder();
  const model = join(folder, 'model.onnx');

  it('go from a name to a model that holds up', { timeout: 120_000 }, async () => {
    const compiled = await genonnx(['compile', '--genotype', 'DATA_M4', ...size, '--out', model, '--json']);
    expect(compiled.exitCode, String(compiled.stderr)).toBe(0);
    const summary = JSON.parse(String(compiled.stdout));

    const inspected = JSON.parse(String((await genonnx(['inspect', model, '--json'])).stdout));
    expect(inspected.parameters).toBe(summary.parameters);
    expect(inspected.macs).toBe(summary.macs);
    expect(inspected.inputs).toEqual([{ name: 'images', type: 'float', shape: ['batch', 3, 16, 16] }]);
    expect(inspected.operators.Conv).toBeGreaterThan(10);

    const validated = await genonnx(['validate', model, '--batch', '1,2', '--json']);
    expect(validated.exitCode).toBe(0);
    expect(JSON.parse(String(validated.stdout)).ok).toBe(true);

    const timed = await genonnx([
      'bench',
      model,
      '--batch',
      '1,2',
      '--rounds',
      '2',
      '--runs',
      '4',
      '--no-roofline',
      '--json',
    ]);
    const [first, second] = parseResults(String(timed.stdout), 'bench').measurements;
    expect([first?.execution.batch, second?.execution.batch]).toEqual([1, 2]);
    expect(first?.summary.medianMs).toBeGreaterThan(0);
    expect(first?.model.parameters).toBe(summary.parameters);
  });

  it('refuse to overwrite, and leave the file as it was', async () => {
    const before = readFileSync(model);
    const again = await genonnx(['compile', '--genotype', 'DARTS_V2', ...size, '--out', model]);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('--force');
    expect(readFileSync(model).equals(before)).toBe(true);
  });

  it('refuse files that are no models', async () => {
    const broken = join(folder, 'broken.onnx');
    writeFileSync(broken, readFileSync(model).subarray(0, 1000));
    for (const command of ['inspect', 'validate', 'bench']) {
      const ended = await genonnx([command, broken]);
      expect(ended.exitCode, command).toBe(2);
      expect(ended.stderr).not.toMatch(/^\s+at /m);
    }
  });

  it('draw a cell', async () => {
    const out = join(folder, 'cell.svg');
    const drawn = await genonnx(['draw', '--genotype', 'DARTS_V2', '--cell', 'reduce', '--out', out]);
    expect(drawn.exitCode, String(drawn.stderr)).toBe(0);
    expect(readFileSync(out, 'utf8')).toContain('max_pool_3x3');
  });

  it('derive from an alphas file, and refuse one that is missing', async () => {
    const missing = await genonnx(['derive', join(folder, 'none.json')]);
    expect(missing.exitCode).toBe(2);
    expect(existsSync(join(folder, 'none.json'))).toBe(false);
  });

  it('time a training step', { timeout: 120_000 }, async () => {
    const args = [
      'bench',
      'step',
      '--cells',
      '1',
      '--channels',
      '4',
      '--batch',
      '4',
      '--image',
      '8x8x1',
      '--runs',
      '3',
      '--json',
    ];
    const timing = JSON.parse(String((await genonnx(args)).stdout));
    for (const key of ['medianMs', 'p10Ms', 'p90Ms', 'sessionMs', 'peakRssBytes', 'nodes'])
      expect(timing[key], key).toBeGreaterThan(0);
    expect(['portable', 'blocked-8', 'blocked-16']).toContain(timing.layout);
  });
});
