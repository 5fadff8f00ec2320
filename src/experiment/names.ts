// The tables and figures of the paper, by their names, and the sizes at which they may be run.

export const EXPERIMENT_NAMES = [
  'figure-1-2',
  'table-1',
  'table-2',
  'table-3',
  'table-4',
  'table-5',
  'table-6',
  'table-7',
  'table-8',
  'figure-3a',
  'figure-3b',
  'figure-3c',
] as const;
/** A table or a figure of the paper. */
export type ExperimentName = (typeof EXPERIMENT_NAMES)[number];

/** `small`: minutes, on data that comes with the package; `paper`: the published settings. */
export const SCALES = ['small', 'paper'] as const;
/** The size at which an experiment is run. */
export type Scale = (typeof SCALES)[number];
