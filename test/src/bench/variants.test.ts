import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectModel } from '../../../src/bench/model-receipt.js';
import { variantsOf } from '../../../src/bench/variants.js';
import { openModelFile } from '../../../src/deploy/model-file.js';
import { expectedOutputs } from '../../exporters/export-case.js';
import { folderWith, smallModel } from '../../support/small-model.js';
import { defined, expectClose, random } from '../../support/tensors.js';
import { smallDataset } from '../deploy/quantize/small-dataset.js';

const model = join(folderWith(smallModel()), 'model.onnx');
const none = { optimizations: [], precisions: [] } as const;

function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'genonnx-test-'));
}

describe('variantsOf', () => {
  it('is the file itself where nothing is chosen', async () => {
    const folder = freshFolder();
    expect(await variantsOf(model, none, folder, '0')).toEqual([{ name: 'as given', file: model }]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes every form with every precision, each the same network', async () => {
    const choice = { optimizations: ['none', 'cpu'], precisions: ['float32', 'float16'] } as const;
    const variants = await variantsOf(model, choice, freshFolder(), '0');
    expect(variants.map(({ name }) => name)).toEqual([
      ...['as traced', 'as traced, float16'],
      ...['for processors', 'for processors, float16'],
    ]);
    const images = random([1, 1, 32, 32]);
    const given = await openModelFile(model);
    const expected = defined(expectedOutputs(given.bound, images).logits);
    for (const { file, name } of variants) {
      const { bound, optimization, precision } = await openModelFile(file);
      expect(optimization).toBe(name.startsWith('for') ? 'cpu' : 'none');
      expect(precision).toBe(name.endsWith('16') ? 'float16' : 'float32');
      const tolerance = precision === 'float16' ? 1e-2 : 1e-6;
      expectClose(defined(expectedOutputs(bound, images).logits), expected, {
        absolute: tolerance,
        relative: tolerance,
      });
    }
  });

  it('keeps what is not chosen as the file has it', async () => {
    const [folded] = await variantsOf(model, { ...none, optimizations: ['fold'] }, freshFolder(), '0');
    const again = await variantsOf(
      defined(folded).file,
      { ...none, precisions: ['float16'] },
      freshFolder(),
      '0',
    );
    expect(again.map(({ name }) => name)).toEqual(['folded, float16']);
  });

  it('quantizes to 8 bits, once, with the accuracy on the data set', async () => {
    const choice = {
      optimizations: ['fold', 'cpu'],
      precisions: ['float32', 'int8', 'int8-dynamic'],
      dataset: smallDataset(),
    } as const;
    const variants = await variantsOf(model, choice, freshFolder(), '0');
    expect(variants.map(({ name }) => name)).toEqual([
      ...['folded', 'for processors', 'int8, static', 'int8, dynamic'],
    ]);
    const [, , fixed, dynamic] = await Promise.all(variants.map(({ file }) => collectModel(file)));
    expect([fixed?.precision, dynamic?.precision]).toEqual(['int8', 'int8']);
    expect(fixed?.scores.accuracy).toBeGreaterThanOrEqual(0);
    const onNoise = await variantsOf(model, { ...choice, dataset: undefined }, freshFolder(), '0');
    expect(onNoise.map(({ name }) => name).slice(2)).toEqual(['int8, static (on noise)', 'int8, dynamic']);
    expect((await collectModel(defined(onNoise[2]).file)).scores).toEqual({});
  });

  it('measures a model that it cannot write anew as it is', async () => {
    const strange = join(folderWith(smallModel({ network: '' })), 'model.onnx');
    const choice = { optimizations: ['cpu'], precisions: [] } as const;
    await expect(variantsOf(strange, choice, freshFolder(), '0')).rejects.toThrow(/network/);
  });
});
