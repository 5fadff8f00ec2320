// What a classification is judged by.
import type { Measures, Metric } from '../../loop/meter.js';
import { childReports, LARGEST } from '../../networks/child-programs.js';

/** A share of the images, a report of the steps by its name. */
function shareOf(report: string): Pick<Metric, 'better' | 'bounds' | 'of' | 'format'> {
  return {
    better: 'higher',
    bounds: [0, 1],
    of: (means) => means.get(report)?.[0] ?? Number.NaN,
    format: (value, digits = 2) => `${(value * 100).toFixed(digits)} %`,
  };
}

export const accuracy: Metric = {
  name: 'accuracy',
  title: 'Accuracy',
  ...shareOf(childReports.correct),
};

/** The paper's error is what is left to 100 %. */
export const top5Accuracy: Metric = {
  name: 'top5Accuracy',
  title: `Top-${LARGEST} accuracy`,
  ...shareOf(childReports.amongLargest),
};

const examples = 'images';

/** Of searches. */
export const searchMeasures: Measures = {
  examples,
  reports: [childReports.correct],
  metrics: [accuracy],
};

/** Of trainings: with few classes every label is among the largest logits. */
export function trainingMeasures(classes: number): Measures {
  const { correct, amongLargest, confusion } = childReports;
  return classes > LARGEST
    ? { examples, reports: [correct, amongLargest], totals: [confusion], metrics: [accuracy, top5Accuracy] }
    : { examples, reports: [correct], totals: [confusion], metrics: [accuracy] };
}

/** What a run may be judged by, whatever its kind. */
export const classificationMeasures: Measures = trainingMeasures(Number.POSITIVE_INFINITY);
