// What a classification is judged by.
import type { Measures, Metric } from '../../loop/meter.js';

export const accuracy: Metric = {
  name: 'accuracy',
  title: 'Accuracy',
  better: 'higher',
  bounds: [0, 1],
  of: (means) => means.get('correct')?.[0] ?? Number.NaN,
  format: (value, digits = 2) => `${(value * 100).toFixed(digits)} %`,
};

export const classificationMeasures: Measures = {
  examples: 'images',
  reports: ['correct'],
  metrics: [accuracy],
};
