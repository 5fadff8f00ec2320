// A search of a minute on the images that come with the package, in memory: what it has found by then is printed. Takes the
// seconds as an argument; Ctrl-C ends it as well. SMALLEST=1 searches on a network that learns nothing, for a first try.
import process from 'node:process';
import { printGenotype } from 'genonnx';
import { search } from 'genonnx/search';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
setTimeout(() => stop.abort(), 1000 * Number(process.argv[2] ?? 60)).unref();

const smallest = process.env.SMALLEST === '1' ? { cells: 1, channels: 2, layout: 'portable' as const } : {};
const { genotype, finished } = await search({
  settings: { limit: 1000, epochs: 20, seed: 1, ...smallest },
  onNote: (text) => console.error(text),
  onEpoch: ({ epoch, child }) => console.error(`epoch ${epoch}:`, child),
  signal: stop.signal,
});

console.error(finished ? 'all epochs' : 'as far as the time went');
console.log(printGenotype(genotype));
