import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLatencyTable, predictLatency } from '../../src/bench/cells/latency-table.js';
import { partsOfSpace } from '../../src/bench/cells/network-parts.js';
import { partKey } from '../../src/bench/cells/parts.js';
import { spaceOf } from '../../src/bench/cells/plan.js';
import { parseGenotype } from '../../src/spaces/parse.js';
import { freshFolder, genonnx } from './command.js';

const cells = (...args: readonly string[]) => genonnx(['bench', 'cells', ...args]);
const tiny = ['--cells', '2', '--channels', '4', '--image', '8x8x3', '--classes', '4', '--threads', '1'];
const short = ['--rounds', '3', '--runs', '2', '--seconds', '0', '--primitives', 'max_pool_3x3,dil_conv_3x3'];

describe('bench cells', () => {
  it('writes a table of all parts, and what their sums predict', { timeout: 180_000 }, async () => {
    const out = join(freshFolder(), 'made', 'on', 'the', 'way', 'latency-table.json');
    const ended = await cells(...tiny, ...short, '--genotypes', '3', '--batch', '2', '--out', out);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    const table = parseLatencyTable(readFileSync(out, 'utf8'), out);
    expect(table).toMatchObject({
      runtime: { name: 'onnxruntime-node' },
      threads: 1,
      batch: 2,
      rounds: 3,
      network: { name: 'cifar', cells: 2, initChannels: 4, classes: 4 },
      primitives: ['max_pool_3x3', 'dil_conv_3x3'],
    });
    expect(table.device.processor.cores).toBeGreaterThan(0);
    expect(table.entries.map(partKey).sort()).toEqual(
      partsOfSpace(table.network, spaceOf(table.primitives)).map(partKey).sort(),
    );
    for (const { lowMs, medianMs, highMs, runs } of table.entries) {
      expect(lowMs).toBeLessThanOrEqual(medianMs);
      expect(medianMs).toBeLessThanOrEqual(highMs);
      expect(runs).toBeGreaterThanOrEqual(6);
    }
    const networks = table.prediction?.networks ?? [];
    expect(networks).toHaveLength(3);
    for (const { genotype, predictedMs, measuredMs } of networks) {
      expect(measuredMs).toBeGreaterThan(0);
      expect(predictLatency(table, parseGenotype(genotype))).toBeCloseTo(predictedMs, 9);
    }
    for (const words of ['dil_conv_3x3', 'random 3', 'Kendall']) expect(ended.stdout).toContain(words);
    expect(ended.stdout).not.toContain('sep_conv');
  });

  it('prints the file with --json, and measures no network where none is asked for', {
    timeout: 180_000,
  }, async () => {
    const out = join(freshFolder(), 'latency-table.json');
    writeFileSync(out, 'old');
    const args = [...tiny, ...short, '--genotypes', '0', '--out', out, '--json'];
    const refused = await cells(...args);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('--force');
    expect(readFileSync(out, 'utf8')).toBe('old');

    const ended = await cells(...args, '--force');
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    const table = JSON.parse(String(ended.stdout));
    expect(table.prediction).toBeNull();
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(table);
  });

  it.each([
    ['a primitive that nobody knows', ['--primitives', 'sep_conv_9x9'], 'sep_conv_7x7'],
    ['none, which is no operation', ['--primitives', 'none'], 'max_pool_3x3'],
    ['an image that cannot be halved', ['--image', '30x30x3'], 'halve'],
    ['no rounds', ['--rounds', '0'], '--rounds'],
  ])('refuses %s, and leaves nothing behind', async (_, args, words) => {
    const out = join(freshFolder(), 'latency-table.json');
    const ended = await cells(...args, '--out', out);
    expect(ended.exitCode, String(ended.stderr)).toBe(2);
    expect(ended.stderr).toContain(words);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(out)).toBe(false);
  });
});
