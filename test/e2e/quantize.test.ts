// `genonnx quantize` as it is typed: what it prints and writes, and what it refuses.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../graphs/onnx/model.js';
import { smallModel } from '../support/small-model.js';
import { freshFolder, genonnx } from './command.js';

const folder = freshFolder();
const model = join(folder, 'model.onnx');
writeFileSync(model, smallModel());
const out = (name: string): string => join(folder, name);

describe('quantize', () => {
  it('writes the static form, and prints size, accuracy and departure', async () => {
    const images = ['--data', 'fashion-mnist', '--calibration-images', '20'];
    const args = [...images, '--even-if-slower', '--out', out('static.onnx')];
    const ended = await genonnx(['quantize', model, ...args]);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    expect(ended.stdout).toMatch(/^size +[\d,]+ kB before, [\d,]+ kB after$/m);
    expect(ended.stdout).toMatch(
      /^accuracy +[\d.]+ % before, [\d.]+ % after \(-?[\d.]+ points\), 2000 test images of fashion-mnist$/m,
    );
    expect(ended.stdout).toMatch(/^logits /m);
    expect(ended.stderr).toContain('calibration on 20 training images');
    expect(ended.stderr).toMatch(/^warning: This network is narrow: .* may be slower than in float32\.$/m);
    expect(ended.stderr).toContain(`genonnx bench ${model} ${out('static.onnx')}`);
    const written = decodeModel(readFileSync(out('static.onnx')));
    expect(written.metadataProps.find(({ key }) => key === 'precision')?.value).toBe('int8');

    const again = await genonnx(['quantize', model, ...args]);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('--force');
  });

  it('lists what operations cost', async () => {
    const args = [
      '--calibration-images',
      '8',
      '--sensitivity',
      '--exclude',
      'cells.*',
      '--even-if-slower',
      '--out',
      out('s.onnx'),
    ];
    const ended = await genonnx(['quantize', model, '--data', 'fashion-mnist', ...args]);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    expect(ended.stdout).toMatch(/^operation, quantized alone +squared error/m);
    expect(ended.stdout).toMatch(/^stem\/conv +\d\.\d\de/m);
    expect(ended.stdout).not.toContain('cells.0');
  });

  it('writes the dynamic form without images, and JSON', async () => {
    const ended = await genonnx([
      'quantize',
      model,
      '--form',
      'dynamic',
      '--json',
      '--out',
      out('made/on/the/way/d.onnx'),
    ]);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    const report = JSON.parse(String(ended.stdout));
    expect(report).toMatchObject({ out: out('made/on/the/way/d.onnx'), form: 'dynamic' });
    expect(report.sizeBytes.after).toBe(readFileSync(out('made/on/the/way/d.onnx')).length);
    expect(report.warnings).toEqual([]);
    expect(ended.stderr).not.toContain('warning');
  });

  it.each([
    ['static quantization without images', ['--even-if-slower'], '--data'],
    ['what would be slower', ['--data', 'fashion-mnist'], '--even-if-slower'],
    ['sensitivity without images', ['--form', 'dynamic', '--sensitivity'], '--sensitivity'],
    ['another form', ['--form', 'both'], 'static, dynamic'],
    ['nodes that there are not', ['--form', 'dynamic', '--exclude', 'nothing'], 'no such node'],
  ])('refuses %s, and leaves nothing behind', async (_, args, said) => {
    const ended = await genonnx(['quantize', model, '--out', out('refused.onnx'), ...args]);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain(said);
    expect(existsSync(out('refused.onnx'))).toBe(false);
  });
});
