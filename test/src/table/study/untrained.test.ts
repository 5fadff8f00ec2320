// Scores of networks that are not trained, against what they are by definition.
import { expect, it } from 'vitest';
import { freshWeights } from '../../../../src/networks/initial-state.js';
import { oneCellInference } from '../../../../src/networks/one-cell/inference.js';
import { openStream } from '../../../../src/random.js';
import { ONE_CELL_FORM } from '../../../../src/spaces/one-cell.js';
import { parseGenotypeOf } from '../../../../src/spaces/parse.js';
import { synflow } from '../../../../src/table/study/untrained.js';

const networkOf = (text: string) =>
  oneCellInference({
    batch: 1,
    stages: 1,
    cells: 1,
    initChannels: 2,
    stemStride: 4,
    classes: 3,
    image: { channels: 1, height: 8, width: 8 },
    genotype: parseGenotypeOf(ONE_CELL_FORM, text),
  });

it('synflow counts the flow through each layer once', () => {
  const network = networkOf("Genotype(cell=[('skip_connect', 0), ('skip_connect', 0)], cell_concat=[2])");
  const data = freshWeights(network.weights, openStream(5, 'weights'));
  const of = (name: string) =>
    (data[network.weights.findIndex((weight) => weight.name === name)] ?? []).map(Math.abs);
  const [stem, linear, bias] = [of('stem.0.weight'), of('classifier.weight'), of('classifier.bias')];
  // Means of 2x2 ones are ones; a 3x3 window with stride 2 on 4x4 sees rows 0 and 1, or 1 to 3, behind a padding of one.
  const scale = 1 / Math.sqrt(1 + 1e-5);
  const flow = [0, 1].reduce((sum, channel) => {
    const windows = [0, 1].flatMap((y) =>
      [0, 1].map((x) =>
        Array.from(stem.slice(9 * channel, 9 * channel + 9)).reduce((part, weight, at) => {
          const inside = (y > 0 || at >= 3) && (x > 0 || at % 3 > 0);
          return part + (inside ? weight : 0);
        }, 0),
      ),
    );
    const pooled = (windows.reduce((a, b) => a + b, 0) / 4) * scale * scale;
    return sum + pooled * [0, 1, 2].reduce((part, output) => part + (linear[2 * output + channel] ?? 0), 0);
  }, 0);
  // Stem, two batch norms (whose shifts are zero) and the linear layer: four times the flow, and the linear layer's bias.
  const shift = Array.from(bias).reduce((a, b) => a + b, 0);
  expect(synflow(network, 5)).toBeCloseTo(4 * flow + shift, 6);
});

it('synflow is larger where more flows', () => {
  const more = networkOf(
    "Genotype(cell=[[('skip_connect', 0)], [('skip_connect', 0), ('avg_pool_3x3', 0)]], cell_concat=[2])",
  );
  const less = networkOf("Genotype(cell=[('skip_connect', 0), ('skip_connect', 0)], cell_concat=[2])");
  expect(synflow(more, 5)).toBeGreaterThan(synflow(less, 5));
});
