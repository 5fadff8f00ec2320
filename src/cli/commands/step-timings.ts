// What the commands have in common that time a step: how it is run, and what is printed.
import type { Command } from 'commander';
import type { StepTiming } from '../../bench/step-timing.js';
import { layoutChoices } from '../../engines/choice.js';
import { oneOf, wholeNumber } from '../options.js';
import { print, printJson, table } from '../output.js';

/** Adds `--layout`, `--threads`, `--runs`, `--profile` and `--json`. */
export function timingOptions(command: Command): Command {
  return command
    .option('--layout <layout>', 'auto, blocked or portable', oneOf('layout', layoutChoices), 'auto')
    .option('--threads <n>', 'threads of the runtime', wholeNumber('threads'), 2)
    .option('--runs <n>', 'counted runs', wholeNumber('runs'), 15)
    .option('--profile', 'then run it some more, and say which operators take the time')
    .option('--json', 'print JSON');
}

export function showTiming(timing: StepTiming, json: boolean | undefined): void {
  if (json === true) printJson(timing);
  else print([describe(timing), ...profileOf(timing)].join('\n\n'));
}

/** Operators that take less than that are not worth a line. */
const leastShare = 0.005;

/** The profile's own time is in it, so that shares say more than milliseconds. */
function profileOf({ operators }: StepTiming): string[] {
  if (operators === undefined) return [];
  const shown = operators.filter(({ timeShare }) => timeShare >= leastShare);
  const rows = shown.map(({ name, nodes, timeMs, timeShare }) => [
    name,
    String(nodes),
    `${timeMs.toFixed(1)} ms`,
    `${(100 * timeShare).toFixed(1)} %`,
  ]);
  return [table([['operator', 'nodes', 'profiled', 'share'], ...rows])];
}

function describe(timing: StepTiming): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  return table([
    ['step, median', ms(timing.medianMs)],
    ['10th to 90th percentile', `${ms(timing.p10Ms)} to ${ms(timing.p90Ms)}`],
    ['session creation', ms(timing.sessionMs)],
    ['peak memory', `${(timing.peakRssBytes / 1e6).toFixed(0)} MB`],
    ['multiply-adds', `${(timing.macs / 1e9).toFixed(1)} G, all candidates`],
    ['layout', timing.layout],
    ['ONNX nodes', String(timing.nodes)],
  ]);
}
