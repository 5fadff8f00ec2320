import { describe, expect, it } from 'vitest';
import { segmentationEvaluation } from '../../../../src/networks/deeplab/programs.js';
import { inferenceGraph } from '../../../../src/networks/inference.js';
import { freshWeights, initialState } from '../../../../src/networks/initial-state.js';
import { openStream } from '../../../../src/random.js';
import { parseGenotype } from '../../../../src/spaces/parse.js';
import { withBackbone } from '../../../../src/tasks/segmentation/backbone.js';
import { tinyGenotype } from '../../../support/segmentation-case.js';

const genotype = parseGenotype(tinyGenotype);
const sizes = { genotype, cells: 3, initChannels: 2, image: { channels: 1, height: 32, width: 32 } };
const { state } = segmentationEvaluation({
  ...sizes,
  classes: 3,
  batch: 1,
  outputStride: 16,
  asppWidth: 4,
  rates: [1, 2, 3],
  alignment: 'align-corners',
});
const fresh = initialState(state, openStream(1, 'weights'));

function classifier(change: object = {}) {
  const network = { ...sizes, name: 'imagenet', classes: 7, auxiliary: false, batch: 1, ...change } as const;
  const { weights } = inferenceGraph(network);
  const data = freshWeights(weights, openStream(2, 'weights'));
  return new Map(weights.map(({ name, shape }, i) => [name, { shape, data: data[i]! }]));
}

describe('a backbone from elsewhere', () => {
  it('has the weights of the classifier, and the head keeps its own', () => {
    const weights = classifier();
    const begun = withBackbone(fresh, state, weights);
    let changed = 0;
    for (const vector of ['parameters', 'statistics'] as const) {
      for (const { name, offset, size } of state[vector]) {
        const found = begun[vector]?.data.slice(offset, offset + size);
        const own = weights.get(name.replace(/^backbone\./, ''));
        if (!name.startsWith('backbone.'))
          expect(found).toEqual(fresh[vector].data.slice(offset, offset + size));
        else {
          expect(found).toEqual(own?.data);
          changed += 1;
        }
      }
    }
    expect(changed).toBe(weights.size - 2);
  });

  it('may come from a segmentation', () => {
    const whole = new Map([...classifier()].map(([name, tensor]) => [`backbone.${name}`, tensor]));
    whole.delete('backbone.classifier.weight');
    whole.delete('backbone.classifier.bias');
    expect(withBackbone(fresh, state, whole)).toEqual(withBackbone(fresh, state, classifier()));
  });

  it.each([
    ['another size', { initChannels: 4 }],
    ['another network', { name: 'cifar' }],
    ['more cells', { cells: 4 }],
  ])('is refused with weights of %s', (_, change) => {
    expect(() => withBackbone(fresh, state, classifier(change))).toThrow(
      expect.objectContaining({
        code: 'weights-mismatch',
        details: expect.objectContaining({ where: '`backbone`' }),
      }),
    );
  });
});
