// `genonnx export` as a user types it: every target from a compiled model and from a training's folder, and what it refuses.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../graphs/safetensors.js';
import { finishedRun, smallInference, smallWeights } from '../support/small-model.js';
import { freshFolder, genonnx } from './command.js';

const size = ['--channels', '4', '--cells', '3', '--image', '16x16x3', '--classes', '4'];

describe('export', () => {
  const folder = freshFolder();
  const model = join(folder, 'model.onnx');

  it('ships a compiled model to every target', { timeout: 120_000 }, async () => {
    const compiled = await genonnx(['compile', '--genotype', 'DATA_M4', ...size, '--out', model]);
    expect(compiled.exitCode, String(compiled.stderr)).toBe(0);
    const expected = {
      onnx: [''],
      'ort-web': ['index.html', 'classifier.js', 'classifier.d.ts', 'model.onnx'],
      tfjs: ['model.json', 'group1-shard1of1.bin'],
      pytorch: ['model.py', 'weights.safetensors'],
      dot: ['normal.dot', 'reduce.dot'],
      svg: ['normal.svg', 'reduce.svg'],
    };
    for (const [target, files] of Object.entries(expected)) {
      const out = join(folder, target === 'onnx' ? 'again.onnx' : target);
      const ended = await genonnx(['export', model, '--to', target, '--out', out, '--json']);
      expect(ended.exitCode, `${target}: ${ended.stderr}`).toBe(0);
      const written: unknown = JSON.parse(String(ended.stdout));
      for (const file of files) {
        const path = file === '' ? out : join(out, file);
        expect(written).toContain(path);
        expect(existsSync(path), path).toBe(true);
      }
    }
    const page = JSON.parse(readFileSync(join(folder, 'ort-web', 'model.json'), 'utf8'));
    expect(page.name).toBe('model');
    const inspected = JSON.parse(
      String((await genonnx(['inspect', join(folder, 'again.onnx'), '--json'])).stdout),
    );
    const original = JSON.parse(String((await genonnx(['inspect', model, '--json'])).stdout));
    expect(inspected).toEqual(original);
  });

  it('ships a training with its original weights, and without the auxiliary head', async () => {
    const run = await finishedRun({ classes: JSON.stringify(['a', 'b', 'c', 'd', 'e']) });
    const out = join(folder, 'from-run');
    const ended = await genonnx(['export', run, '--to', 'pytorch', '--out', out]);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    const { tensors } = decodeSafetensors(readFileSync(join(out, 'weights.safetensors')), 'weights');
    smallInference.weights.forEach(({ name }, i) => {
      const expected = name.startsWith('auxiliary_head.') ? undefined : smallWeights[i];
      expect(tensors.get(name)?.data, name).toEqual(expected);
    });
  });

  it('keeps folding and precision in what it exports again', async () => {
    const half = join(folder, 'half.onnx');
    const first = [
      'export',
      model,
      '--to',
      'onnx',
      '--fold-batch-norm',
      '--precision',
      'float16',
      '--out',
      half,
    ];
    expect((await genonnx(first)).exitCode).toBe(0);
    const again = join(folder, 'half-again.onnx');
    expect((await genonnx(['export', half, '--to', 'onnx', '--out', again])).exitCode).toBe(0);
    expect(readFileSync(again).equals(readFileSync(half))).toBe(true);
    const { metadata, operators } = JSON.parse(String((await genonnx(['inspect', again, '--json'])).stdout));
    expect(metadata).toMatchObject({ optimize: 'fold', precision: 'float16' });
    expect(operators.BatchNormalization).toBeUndefined();
    const torch = await genonnx(['export', half, '--to', 'pytorch', '--out', join(folder, 'lost')]);
    expect(torch.exitCode).toBe(2);
    expect(torch.stderr).toContain('without --optimize and --precision');
    expect(existsSync(join(folder, 'lost'))).toBe(false);
  });

  it('refuses what it cannot do, and leaves nothing behind', async () => {
    const out = join(folder, 'refused');
    const refusals: [string[], string][] = [
      [['export', model, '--to', 'coreml'], 'ort-web'],
      [['export', model, '--to', 'tfjs', '--opset', '21'], '--opset'],
      [['export', join(folder, 'none.onnx'), '--to', 'tfjs'], 'no such file'],
      [['export', join(folder, 'tfjs', 'model.json'), '--to', 'tfjs'], 'ONNX'],
      [['export', folder, '--to', 'tfjs'], 'safetensors'],
    ];
    for (const [args, says] of refusals) {
      const ended = await genonnx([...args, '--out', out]);
      expect(ended.exitCode, args.join(' ')).toBe(2);
      expect(ended.stderr).toContain(says);
      expect(ended.stderr).not.toMatch(/^\s+at /m);
      expect(existsSync(out)).toBe(false);
    }
    const full = await genonnx(['export', model, '--to', 'dot', '--out', folder]);
    expect(full.exitCode).toBe(2);
    expect(full.stderr).toContain('--force');
    expect(readdirSync(folder)).not.toContain('normal.dot');
  });
});
