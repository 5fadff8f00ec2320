// A network of a table, as somebody takes it from there: trained by its architecture string, and shipped.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkModel } from '../../graphs/onnx/check.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import { metadataIn, networkIn } from '../../src/networks/metadata.js';
import { freshFolder, genonnx } from './command.js';

const architecture = '|sep_conv_3x3~0|+|skip_connect~0|avg_pool_3x3~1|';

describe('a network of a single cell', () => {
  const folder = freshFolder();
  const run = join(folder, 'run');
  const model = join(run, 'model.onnx');

  it('is trained by its architecture string, and leaves a model', { timeout: 120_000 }, async () => {
    const args = ['--data', 'fashion-mnist', '--limit', '200', '--epochs', '1', '--out', run];
    const ended = await genonnx(['train', '--task', 'one-cell', '--genotype', architecture, ...args]);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    expect(ended.stderr).toContain(`genonnx validate ${model}`);
    const proto = decodeModel(readFileSync(model));
    expect(checkModel(proto, { shapes: true })).toEqual([]);
    expect(networkIn(metadataIn(proto), 'model')).toMatchObject({
      name: 'one-cell',
      stages: 2,
      genotype: { cell: { nodes: [[{ primitive: 'sep_conv_3x3', input: 0 }], expect.anything()] } },
    });
  });

  it('agrees with the interpreter, folded too', { timeout: 120_000 }, async () => {
    const own = await genonnx(['validate', model]);
    expect(own.exitCode, String(own.stdout)).toBe(0);
    const folded = join(folder, 'folded.onnx');
    const exported = await genonnx(['export', run, '--to', 'onnx', '--optimize', 'fold', '--out', folded]);
    expect(exported.exitCode, String(exported.stderr)).toBe(0);
    const both = await genonnx(['validate', folded, model]);
    expect(both.exitCode, String(both.stdout)).toBe(0);
  });

  it('becomes a page and a folder for Hugging Face', { timeout: 120_000 }, async () => {
    for (const target of ['ort-web', 'hugging-face', 'tfjs']) {
      const ended = await genonnx(['export', run, '--to', target, '--out', join(folder, target)]);
      expect(ended.exitCode, String(ended.stderr)).toBe(0);
    }
  });

  it.each([
    ['PyTorch code', ['export', run, '--to', 'pytorch'], 'Choose --to onnx'],
    ['a compilation of what is compiled', ['compile', '--run', run], 'genonnx export'],
  ])('refuses %s, and says what there is', async (_, args, cure) => {
    const out = join(folder, 'refused');
    const ended = await genonnx([...args, '--out', out]);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain(cure);
    expect(existsSync(out)).toBe(false);
  });
});
