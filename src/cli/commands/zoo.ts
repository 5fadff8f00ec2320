// `genonnx zoo`: the genotypes that are known by name, with what their networks cost.
import type { Command } from 'commander';
import { NETWORK_NAMES, paperSizes } from '../../networks/evaluation.js';
import { inferenceGraph } from '../../networks/inference.js';
import { languagePaperSizes, recurrentParameterCount } from '../../networks/recurrent/parameter-count.js';
import { printAnyGenotype } from '../../spaces/print.js';
import { type ConvolutionalZooEntry, type RecurrentZooEntry, ZOO, type ZooEntry } from '../../spaces/zoo.js';
import { CONVOLUTIONAL_ZOO } from '../../spaces/zoo-convolutional.js';
import { RECURRENT_ZOO } from '../../spaces/zoo-recurrent.js';
import { print, printJson, table } from '../output.js';

export function registerZoo(program: Command): void {
  program
    .command('zoo')
    .description('list the genotypes that are known by name, with what their networks cost')
    .option('--json', 'print JSON, with the genotypes')
    .addHelpText('after', '\nExamples:\n  genonnx zoo\n  genonnx compile --genotype DATA_M7 --out data.onnx')
    .action(({ json }: { json?: boolean }) => {
      if (json === true) printJson(ZOO.map(described));
      else print([imageCosts(), languageCosts(), ...ZOO.map(about)].join('\n\n'));
    });
}

/** An entry with the cost of its networks at the sizes of the papers. */
function described(entry: ZooEntry) {
  const { name, kind, source, note } = entry;
  const networks = entry.kind === 'recurrent' ? languageModels(entry) : imageNetworks(entry);
  return { name, kind, networks, genotype: printAnyGenotype(entry), source, note: note ?? null };
}

function imageNetworks({ genotype }: ConvolutionalZooEntry) {
  return NETWORK_NAMES.map((network) => {
    const sizes = paperSizes[network];
    const inference = inferenceGraph({ name: network, genotype, ...sizes, auxiliary: false, batch: 1 });
    const { parameters, cost } = inference;
    const { cells, initChannels, classes } = sizes;
    return { network, cells, channels: initChannels, classes, parameters, macs: cost.macs };
  });
}

function languageModels({ genotype }: RecurrentZooEntry) {
  const nodes = genotype.recurrent.nodes.length;
  return Object.entries(languagePaperSizes).map(([text, sizes]) => ({
    text,
    nodes,
    ...sizes,
    parameters: recurrentParameterCount({ ...sizes, nodes }),
  }));
}

function imageCosts(): string {
  const rows = CONVOLUTIONAL_ZOO.flatMap((entry) =>
    imageNetworks(entry).map(({ network, cells, channels, parameters, macs }) => [
      entry.name,
      network,
      String(cells),
      String(channels),
      parameters.toLocaleString('en'),
      macs.toLocaleString('en'),
    ]),
  );
  return table([['genotype', 'network', 'cells', 'channels', 'parameters', 'multiply-adds'], ...rows]);
}

function languageCosts(): string {
  const rows = RECURRENT_ZOO.flatMap((entry) =>
    languageModels(entry).map(({ text, nodes, width, words, parameters }) => [
      entry.name,
      text,
      String(nodes),
      String(width),
      words.toLocaleString('en'),
      parameters.toLocaleString('en'),
    ]),
  );
  return table([['genotype', 'text', 'nodes', 'width', 'words', 'parameters'], ...rows]);
}

function about({ name, source, note }: ZooEntry): string {
  return [name, `  ${source}`, ...(note === undefined ? [] : [`  ${note}`])].join('\n');
}
