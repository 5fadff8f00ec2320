// One metric of many runs on one chart: each with a colour, and a dash where the colours do not suffice.
import type { Series } from '../parts/chart.js';
import type { KnownRun } from './state.js';

/** Of the style sheet; told apart by most kinds of colour vision, in light and dark. */
const colours = ['--p4', '--p1', '--p6', '--p7', '--p2', '--p5', '--p3', '--p0'] as const;
const dashes = [undefined, [6, 4], [2, 3], [10, 4, 2, 4]] as const;

/** What was held out of each run, or what it learns from where nothing was. */
export function seriesOfRuns(runs: readonly KnownRun[], metric: string): Series[] {
  return runs.flatMap(({ info, columns }, index) => {
    const held = columns.get(`validation.${metric}`);
    const values = held?.some((value) => value !== null) === true ? held : columns.get(`train.${metric}`);
    if (values === undefined) return [];
    return [
      {
        name: info.name || info.id,
        colour: colours[index % colours.length] ?? colours[0],
        dash: dashes[Math.floor(index / colours.length) % dashes.length],
        values,
      },
    ];
  });
}
