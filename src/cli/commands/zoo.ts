// `genonnx zoo`: the genotypes that are known by name, with what their networks cost.
import type { Command } from 'commander';
import { NETWORK_NAMES, paperSizes } from '../../networks/evaluation.js';
import { inferenceGraph } from '../../networks/inference.js';
import { printGenotype } from '../../spaces/print.js';
import { ZOO, type ZooEntry } from '../../spaces/zoo.js';
import { print, printJson, table } from '../output.js';

export function registerZoo(program: Command): void {
  program
    .command('zoo')
    .description('list the genotypes that are known by name, with what their networks cost')
    .option('--json', 'print JSON, with the genotypes')
    .addHelpText('after', '\nExamples:\n  genonnx zoo\n  genonnx compile --genotype DATA_M7 --out data.onnx')
    .action(({ json }: { json?: boolean }) => {
      const entries = ZOO.map(describe);
      if (json === true) printJson(entries);
      else print(`${costs(entries)}\n\n${entries.map(about).join('\n\n')}`);
    });
}

type Described = ReturnType<typeof describe>;

/** An entry with the cost of both networks at the sizes of the papers. */
function describe({ name, genotype, source, note }: ZooEntry) {
  const networks = NETWORK_NAMES.map((network) => {
    const sizes = paperSizes[network];
    const inference = inferenceGraph({ name: network, genotype, ...sizes, auxiliary: false, batch: 1 });
    const { parameters, cost } = inference;
    const { cells, initChannels, classes } = sizes;
    return { network, cells, channels: initChannels, classes, parameters, macs: cost.macs };
  });
  return { name, networks, genotype: printGenotype(genotype), source, note: note ?? null };
}

function costs(entries: readonly Described[]): string {
  const rows = entries.flatMap(({ name, networks }) =>
    networks.map(({ network, cells, channels, parameters, macs }) => [
      name,
      network,
      String(cells),
      String(channels),
      parameters.toLocaleString('en'),
      macs.toLocaleString('en'),
    ]),
  );
  return table([['genotype', 'network', 'cells', 'channels', 'parameters', 'multiply-adds'], ...rows]);
}

function about({ name, source, note }: Described): string {
  return [name, `  ${source}`, ...(note === null ? [] : [`  ${note}`])].join('\n');
}
