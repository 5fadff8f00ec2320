import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { movedBytes, movedBytesOf } from '../../../src/bench/moved-bytes.js';
import { inferenceGraph } from '../../../src/networks/inference.js';
import { folderWith, smallModel, smallNetwork } from '../../support/small-model.js';

/** relu(conv(x)): 3 channels to 4 at 8x8, a 3x3 kernel. */
function convolution(batch: number | string) {
  const g = new Builder();
  const x = g.input('images', [batch, 3, 8, 8]);
  const weight = g.input('weight', [4, 3, 3, 3]);
  return g.build([{ name: 'y', value: g.relu(g.conv2d(x, weight, { padding: 1 })) }]);
}

describe('movedBytes', () => {
  const perImage = 4 * (3 * 64 + 4 * 64);
  const weight = 4 * 4 * 3 * 9;

  it('counts maps for every image and weights once; elementwise operations move nothing', () => {
    expect(movedBytes(convolution('batch'), 1)).toBe(perImage + weight);
    expect(movedBytes(convolution('batch'), 8)).toBe(8 * perImage + weight);
    expect(movedBytes(convolution(2), 8)).toBe(8 * perImage + weight);
  });

  it('knows the network of a file of ours', async () => {
    const expected = movedBytes(inferenceGraph(smallNetwork).graph, 2);
    expect(await movedBytesOf(`${folderWith(smallModel())}/model.onnx`, 2)).toBe(expected);
    expect(expected).toBeGreaterThan(1e5);
    expect(await movedBytesOf(`${folderWith(smallModel({ genotype: 'none' }))}/model.onnx`, 2)).toBeNull();
  });
});
