// The library's errors write the name of an option in backticks, as its functions take it: `initChannels`, or, of a run's
// settings, `weights.learningRate`. Whoever typed a command reads the flag for it: --channels, --lr.
import { budgetSettings, searchSettings, trainSettings } from './run-settings.js';

/** By the library's names. */
const flags: ReadonlyMap<string, string> = new Map([
  ...[...searchSettings, ...trainSettings, ...budgetSettings].map(
    ({ path, flags: text }): [string, string] => [path, text.split(' ')[0] ?? text],
  ),
  ['auxiliary', '--auxiliary'],
  ['batch', '--batch'],
  ['cells', '--cells'],
  ['classes', '--classes'],
  ['genotype', '--genotype'],
  ['image', '--image'],
  ['initChannels', '--channels'],
  ['labels', '--labels'],
  ['latency', '--latency-table'],
  ['mean', '--mean'],
  ['network', '--network'],
  ['resume', '--resume'],
  ['standardDeviation', '--std'],
]);

/** The text of an error with flags where it names options. */
export function withFlags(text: string): string {
  return text.replace(/`([\w.]+)`/g, (quoted, name: string) => flags.get(name) ?? quoted);
}
