// `genonnx validate` as it is typed: what it prints, its exit codes, and what it refuses.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { proto } from '../../graphs/onnx/proto.js';
import { smallModel } from '../support/small-model.js';
import { freshFolder, genonnx } from './command.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const folder = freshFolder();
const model = join(folder, 'model.onnx');
writeFileSync(model, smallModel());

/** The model with one other attribute: its average pooling counts the padding. */
const changed = join(folder, 'changed.onnx');
const other = proto.ModelProto.decode(smallModel());
for (const { opType, attribute } of other.graph?.node ?? [])
  for (const value of attribute ?? [])
    if (opType === 'AveragePool' && value.name === 'count_include_pad') value.i = 1;
writeFileSync(changed, proto.ModelProto.encode(other).finish());

describe('validate', () => {
  it('compares a model with the interpreter, says so, and ends with 0', async () => {
    const ended = await genonnx(['validate', model, '--batch', '1,3']);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    expect(ended.stdout).toContain(`found     onnxruntime-node on ${model}`);
    expect(ended.stdout).toContain(`expected  the float64 interpreter on ${model}`);
    expect(ended.stdout).toMatch(/^logits +3 .* 100\.0 %/m);
    expect(ended.stdout).toContain('agrees with');
  });

  it('compares onnxruntime-web with onnxruntime-node', async () => {
    const ended = await genonnx(['validate', `web:${model}`, `node:${model}`, '--batch', '2', '--json']);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    const { ok, sides, tolerance } = JSON.parse(String(ended.stdout));
    expect(ok).toBe(true);
    expect(sides.map(({ kind }: { kind: string }) => kind)).toEqual(['web', 'node']);
    expect(tolerance).toEqual({ absolute: 1e-5, relative: 1e-4 });
  });

  it('ends with 1 where two models differ, and names cell, node, edge and operation', async () => {
    const ended = await genonnx(['validate', changed, model]);
    expect(ended.exitCode, String(ended.stderr)).toBe(1);
    expect(ended.stdout).toContain(
      'first departure: cell 1, node 0, edge 0.avg_pool_3x3@0, operation averagePool2d, value cells.1/node0/0.avg_pool_3x3@0/AveragePool',
    );
    expect(ended.stdout).toContain('departs from');
  });

  it('takes the tolerance that it is given', async () => {
    const strict = ['--absolute', '1e-30', '--relative', '1e-12'];
    const ended = await genonnx(['validate', model, ...strict, '--json']);
    expect(ended.exitCode, String(ended.stderr)).toBe(1);
    const { tolerance, comparisons } = JSON.parse(String(ended.stdout));
    expect(tolerance).toEqual({ absolute: 1e-30, relative: 1e-12 });
    expect(comparisons[0].largestDifference).toBeLessThan(1e-5);
  });

  it('prints numbers that JSON has not as words', async () => {
    const weights = join(folder, 'nan.onnx');
    const broken = proto.ModelProto.decode(smallModel());
    const stem = broken.graph?.initializer?.find(({ name }) => name === 'stem/conv/weight');
    stem?.rawData?.set(new Uint8Array(Float32Array.of(Number.NaN).buffer));
    writeFileSync(weights, proto.ModelProto.encode(broken).finish());
    const ended = await genonnx(['validate', weights, model, '--json']);
    expect(ended.exitCode, String(ended.stderr)).toBe(1);
    const { firstDeparture } = JSON.parse(String(ended.stdout));
    expect(firstDeparture).toMatchObject({ path: 'stem/conv', found: 'NaN', difference: 'Infinity' });
  });

  it.each(['darts-v2-cifar', 'data-m7-cifar-auxiliary', 'data-m7-imagenet'])(
    'compares with what PyTorch has for %s',
    async (name) => {
      const out = join(folder, `${name}.onnx`);
      const sizes: Readonly<Record<string, readonly string[]>> = {
        'darts-v2-cifar': ['--cells', '8'],
        'data-m7-cifar-auxiliary': ['--cells', '6', '--auxiliary'],
        'data-m7-imagenet': [
          '--cells',
          '6',
          '--network',
          'imagenet',
          '--classes',
          '20',
          '--image',
          '64x64x3',
        ],
      };
      const genotype = join(folder, `${name}.txt`);
      writeFileSync(genotype, readFileSync(fixture(`${name}.genotype.txt`)));
      const weights = fixture(`${name}.weights.safetensors`);
      const arguments_ = ['--genotype', genotype, '--channels', '4', '--weights', weights];
      const compiled = await genonnx(['compile', ...arguments_, ...(sizes[name] ?? []), '--out', out]);
      expect(compiled.exitCode, String(compiled.stderr)).toBe(0);
      for (const side of [out, `web:${out}`, `interpreter:${out}`]) {
        const ended = await genonnx(['validate', side, fixture(`${name}.io.safetensors`)]);
        expect(ended.exitCode, String(ended.stderr)).toBe(0);
        expect(ended.stdout).toContain('100.0 %');
      }
    },
  );

  it.each([
    ['a tolerance of zero', [model, '--absolute', '0'], '--absolute'],
    ['a tolerance without end', [model, '--relative', 'Infinity'], '--relative'],
    ['a tolerance that is no number', [model, '--relative', 'little'], '--relative'],
    ['a huge batch', [model, '--batch', '5000'], '4096'],
    ['huge inputs', [model, '--batch', '1,99999999'], '--batch'],
    ['a prefix alone', ['web:'], 'web:FILE'],
    ['a file that is missing', [`web:${join(folder, 'none.onnx')}`], 'none.onnx'],
    ['expected outputs alone', [fixture('darts-v2-cifar.io.safetensors')], 'model.onnx'],
    [
      'expected outputs of another network',
      [model, fixture('darts-v2-cifar.io.safetensors')],
      '[batch, 1, 32, 32]',
    ],
    [
      'a batch beside expected outputs',
      [model, fixture('darts-v2-cifar.io.safetensors'), '--batch', '1'],
      '--batch',
    ],
    [
      'a seed beside expected outputs',
      [model, fixture('darts-v2-cifar.io.safetensors'), '--seed', '1'],
      '--seed',
    ],
    [
      'weights where nobody interprets',
      [model, changed, '--weights', fixture('darts-v2-cifar.weights.safetensors')],
      '--weights',
    ],
    ['weights as a model', [fixture('darts-v2-cifar.weights.safetensors'), model], 'input'],
    ['text as a model', [fixture('darts-v2-cifar.genotype.txt'), model], 'ONNX'],
  ])('refuses %s', async (_, args, says) => {
    const ended = await genonnx(['validate', ...args]);
    expect(ended.exitCode, String(ended.stderr)).toBe(2);
    expect(ended.stderr).toContain(says);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(ended.stdout).toBe('');
  });
});
