// `genonnx doctor`: what this machine offers, and what the engine would choose.
import os from 'node:os';
import process from 'node:process';
import type { Command } from 'commander';
import { chooseEngine, chooseLayout } from '../../engines/choice.js';
import { layoutSourcesHere, probeGpuHere } from '../../engines/here.js';
import { ortVersion } from '../../engines/ort/node.js';
import { probeTfjs } from '../../engines/tfjs/load.js';
import { version } from '../../version.js';
import { print, printJson, table } from '../output.js';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('show what this machine offers and what would be used')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  genonnx doctor')
    .action(async ({ json }: { json?: boolean }) => {
      const report = await examine();
      if (json === true) printJson(report);
      else print(table(Object.entries(report).map(([name, value]) => [name, String(value)])));
    });
}

async function examine(): Promise<Record<string, string | number>> {
  const { layout, reason } = await chooseLayout('auto', layoutSourcesHere(version));
  const [engine, tfjs] = [await chooseEngine('auto', probeGpuHere), await probeTfjs()];
  const [processor] = os.cpus();
  return {
    genonnx: version,
    node: process.version,
    platform: `${os.platform()} ${os.arch()}`,
    processor: processor?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory: `${(os.totalmem() / 2 ** 30).toFixed(1)} GiB`,
    onnxruntime: ortVersion,
    layout: layout.kind === 'blocked' ? `blocked, blocks of ${layout.block} channels` : 'portable',
    'why this layout': reason,
    engine: `${engine.engine}: ${engine.reason}`,
    tfjs: tfjs.found?.description ?? 'not installed',
    ...(tfjs.missing === undefined ? {} : { 'tfjs lacks': tfjs.missing, 'tfjs cure': tfjs.cure ?? '' }),
  };
}
