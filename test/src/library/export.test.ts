// exportModel() as a program calls it.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportModel } from '../../../src/library/export.js';
import { folderWith, smallModel } from '../../support/small-model.js';

const model = join(folderWith(smallModel({ weights: 'random' })), 'model.onnx');

describe('exportModel', () => {
  it('gives files, and notes that name its options', { timeout: 60_000 }, async () => {
    const { files, notes } = await exportModel(model, { to: 'ort-web', webgpu: false });
    expect(files.map(({ path }) => path)).toContain('index.html');
    expect(notes.join('\n')).toContain('`labels` names them');
    expect(notes.join('\n')).toContain('the weights are random');
    const { files: drawings, notes: none } = await exportModel(model, { to: 'dot' });
    expect(drawings).toHaveLength(2);
    expect(none).toEqual([]);
  });

  it('calls the model as it is told', async () => {
    const { files } = await exportModel(model, { to: 'onnx', externalData: 'always', fileName: 'a.onnx' });
    expect(files.map(({ path }) => path)).toEqual(['a.onnx.data', '']);
  });

  it('takes models of others to the targets that can, and as they are', async () => {
    const foreign = 'test/fixtures/pytorch-attention.onnx';
    await expect(exportModel(foreign, { to: 'onnx' })).rejects.toMatchObject({
      code: 'foreign-model',
      details: { cure: expect.stringContaining('becomes a page: `to` ort-web') },
    });
    await expect(exportModel(foreign, { to: 'ort-web', optimization: 'fold' })).rejects.toThrow(
      'exported as it is',
    );
  });

  it.each([
    ['an option of another target', { to: 'svg', opset: 17 }, '`opset` means nothing to this target'],
    ['an option of another kind of network', { to: 'onnx', vocabulary: 'x' }, '`vocabulary` means nothing'],
  ] as const)('refuses %s', async (_, options, words) => {
    await expect(exportModel(model, options)).rejects.toThrow(words);
  });
});
