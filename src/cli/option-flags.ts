// The library's errors write the name of an option in backticks, as its functions take it: `initChannels`, or, of a run's
// settings, `weights.learningRate`. Whoever typed a command reads the flag for it: --channels, --lr.
import { settingsOf } from './run-settings.js';

/** By the library's names. */
const flags: ReadonlyMap<string, string> = new Map([
  ...settingsOf('search', 'train', 'budget').map(({ path, flags: text }): [string, string] => [
    path,
    text.split(' ')[0] ?? text,
  ]),
  ['alignment', '--alignment'],
  ['allowFallback', '--allow-fallback'],
  ['asppWidth', '--aspp-width'],
  ['auxiliary', '--auxiliary'],
  ['auxiliary false', '--no-auxiliary'],
  ['backbone', '--backbone'],
  ['batch', '--batch'],
  ['cells', '--cells'],
  ['classes', '--classes'],
  ['combination', '--combination'],
  ['data', '--data'],
  ['dataset', '--data'],
  ['evenIfSlower', '--even-if-slower'],
  ['exclude', '--exclude'],
  ['externalData', '--external-data'],
  ['foldBatchNorm', '--fold-batch-norm'],
  ['form', '--form'],
  ['from', '--from'],
  ['gates', '--gates'],
  ['genotype', '--genotype'],
  ['host', '--host'],
  ['image', '--image'],
  ['index', '--index'],
  ['initChannels', '--channels'],
  ['labels', '--labels'],
  ['latency', '--latency-table'],
  ['lengths', '--length'],
  ['mean', '--mean'],
  ['network', '--network'],
  ['opset', '--opset'],
  ['operations', '--operations'],
  ['optimization', '--optimize'],
  ['outputStride', '--output-stride'],
  ['port', '--port'],
  ['precision', '--precision'],
  ['primitives', '--primitives'],
  ['provider', '--provider'],
  ['queue', '--queue'],
  ['store', '--store'],
  ['rates', '--rates'],
  ['resume', '--resume'],
  ['rows', '--rows'],
  ['rule', '--rule'],
  ['run', '--run'],
  ['searchData', '--search-data'],
  ['sensitivity', '--sensitivity'],
  ['standardDeviation', '--std'],
  ['task', '--task'],
  ['to', '--to'],
  ['vocabulary', '--vocabulary'],
  ['weights', '--weights'],
  ['width', '--width'],
  ['words', '--words'],
]);

/** The text of an error with flags where it names options; an option that is to be false has a flag for that. */
export function withFlags(text: string): string {
  return text
    .replace(/`([\w.]+)` false\b/g, (quoted, name: string) => flags.get(`${name} false`) ?? quoted)
    .replace(/`([\w.]+)`/g, (quoted, name: string) => flags.get(name) ?? quoted);
}
