import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toOnnx } from '../../../exporters/onnx.js';
import { collectModel } from '../../../src/bench/model-receipt.js';
import { modelReceiptSchema } from '../../../src/bench/receipt.js';
import { bindWeights } from '../../../src/networks/inference-graph.js';
import { freshFolder } from '../../e2e/command.js';
import { folderWith, smallInference, smallModel, smallWeights } from '../../support/small-model.js';

const bound = bindWeights(smallInference, smallWeights);

describe('collectModel', () => {
  it('says what a model of ours is', async () => {
    const bytes = smallModel();
    const path = join(folderWith(bytes), 'model.onnx');
    const receipt = await collectModel(path);
    expect(receipt).toEqual({
      path,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      sizeBytes: bytes.length,
      precision: 'float32',
      opset: 17,
      macs: smallInference.cost.macs,
      parameters: smallInference.parameters,
      scores: {},
    });
    expect(modelReceiptSchema.parse(receipt)).toEqual(receipt);
  });

  it.each([
    ['0.9375', { accuracy: 0.9375 }],
    ['0', { accuracy: 0 }],
    ['93.75', {}],
    ['-0.1', {}],
    ['high', {}],
  ])('reads an accuracy of %s as %o', async (written, scores) => {
    const path = join(folderWith(smallModel({ accuracy: written })), 'model.onnx');
    const receipt = await collectModel(path);
    expect(receipt.scores).toEqual(scores);
    expect(modelReceiptSchema.parse(receipt)).toEqual(receipt);
  });

  it("claims no figures of a stranger's, and sees float16", async () => {
    const { files } = toOnnx(bound, { fileName: 'm.onnx', metadata: {}, precision: 'float16', opset: 21 });
    const [file] = files;
    if (!(file?.content instanceof Uint8Array)) throw new Error('expected a model in one piece');
    const receipt = await collectModel(join(folderWith(file.content), 'model.onnx'));
    expect(receipt).toMatchObject({ precision: 'float16', opset: 21, macs: null, parameters: null });
  });

  it('hashes the weights beside the model with it', async () => {
    const folder = freshFolder();
    const { files } = toOnnx(bound, { fileName: 'm.onnx', metadata: {}, externalData: 'always' });
    for (const { path, content } of files) {
      const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : [...content];
      writeFileSync(join(folder, path || 'm.onnx'), Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
    }
    const before = await collectModel(join(folder, 'm.onnx'));
    const weights = join(folder, 'm.onnx.data');
    writeFileSync(weights, new Uint8Array(before.sizeBytes));
    const after = await collectModel(join(folder, 'm.onnx'));
    expect(after.sha256).not.toBe(before.sha256);
    expect(after.sizeBytes).toBeGreaterThan(before.sizeBytes);
    rmSync(weights);
    await expect(collectModel(join(folder, 'm.onnx'))).rejects.toMatchObject({ code: 'file-missing' });
  });
});
