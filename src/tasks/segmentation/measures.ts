// What a segmentation is judged by.
import type { Measures, Metric } from '../../loop/meter.js';
import { meanIou, pixelAccuracy } from './mean-iou.js';

/** What programs report: how many pixels of each class were taken for which. */
export const confusionReport = 'confusion';

const shareText = (value: number, digits = 2): string => `${(value * 100).toFixed(digits)} %`;

export const meanIouMetric: Metric = {
  name: 'meanIou',
  title: 'Mean IoU',
  better: 'higher',
  bounds: [0, 1],
  of: (_, totals) => meanIou(totals.get(confusionReport) ?? []),
  format: shareText,
};

const pixelAccuracyMetric: Metric = {
  name: 'pixelAccuracy',
  title: 'Pixel accuracy',
  better: 'higher',
  bounds: [0, 1],
  of: (_, totals) => pixelAccuracy(totals.get(confusionReport) ?? []),
  format: shareText,
};

/** What results call the mean IoU of the background everywhere. */
export const floorFigure = 'backgroundMeanIou';

export const segmentationMeasures: Measures = {
  examples: 'images',
  reports: [],
  totals: [confusionReport],
  metrics: [meanIouMetric, pixelAccuracyMetric],
  baselines: [{ name: 'the background everywhere', figure: floorFigure }],
};
