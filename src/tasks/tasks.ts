// The tasks that there are, and what each is judged by.
import type { Measures } from '../loop/meter.js';
import { classificationMeasures } from './classification/measures.js';

export const TASK_NAMES = ['classification'] as const;
export type TaskName = (typeof TASK_NAMES)[number];

export const taskMeasures: { readonly [T in TaskName]: Measures } = {
  classification: classificationMeasures,
};
