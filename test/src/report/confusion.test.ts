import { describe, expect, it } from 'vitest';
import { confusions, figuresOf, pairsOf } from '../../../src/report/confusion.js';
import { sampleConfusion } from './sample.js';

const measures = { examples: 'images' };

describe('confusions', () => {
  it('have recall and precision of every class, the worst first', () => {
    const [shirt, coat, ...others] = figuresOf(sampleConfusion());
    expect(shirt).toEqual({ name: 'Shirt', count: 100, recall: 0.69, precision: 1 });
    expect(coat).toEqual({ name: 'Coat', count: 100, recall: 0.83, precision: 1 });
    expect(others.find(({ name }) => name === 'T-shirt/top')).toMatchObject({
      recall: 1,
      precision: 100 / 130,
    });
  });

  it('have their pairs, the most frequent first', () => {
    expect(pairsOf(sampleConfusion())).toEqual([
      { from: 'Shirt', to: 'T-shirt/top', count: 30, share: 0.3 },
      { from: 'Coat', to: 'Pullover', count: 17, share: 0.17 },
      { from: 'Shirt', to: 'Ankle boot', count: 1, share: 0.01 },
    ]);
  });

  it('of few classes are a table, whose cells are as strong as their share', () => {
    const { text } = confusions(sampleConfusion(), measures);
    expect(text.match(/<td class="right"/g)).toHaveLength(10);
    expect(text).toContain('<td style="--strength:41%">17</td>');
    expect(text).toContain('<td class="right" style="--strength:69%">69</td>');
  });

  it('of many classes are the pairs that are confused most', () => {
    const classes = Array.from({ length: 100 }, (_, k) => `class ${k}`);
    const counts = classes.map((_, label) =>
      classes.map((_, answer) => (answer === (label + 1) % 100 ? label : 50)),
    );
    const { text } = confusions({ classes, counts }, measures);
    expect(text).not.toContain('class="confusions"');
    expect(text).toMatch(/<td>class 99<\/td><td class="text">class 0<\/td><td>99<\/td>/);
    expect(text).toContain('The other 70 classes');
  });

  it('has no figures where there are no examples', () => {
    const { text } = confusions(
      {
        classes: ['a', 'b'],
        counts: [
          [3, 0],
          [0, 0],
        ],
      },
      measures,
    );
    expect(text).toContain('<tr><td>b</td><td>0</td><td>–</td><td>–</td></tr>');
  });
});
