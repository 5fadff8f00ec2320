// `genonnx doctor`: what this machine offers, what would be used, what is missing and what mends it.
import type { Command } from 'commander';
import type { Lack, MachineReport } from '../../library/machine-report.js';
import { withFlags } from '../option-flags.js';
import { list, print, say } from '../output.js';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('show what this machine offers, what would be used, and what is missing')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  genonnx doctor\n  genonnx doctor --json')
    .action(async ({ json }: { json?: boolean }) => {
      say('Starting every execution provider once, which takes some seconds.');
      const { machineReport } = await import('../../library/machine-report.js');
      const report = await machineReport();
      print(withFlags(json === true ? JSON.stringify(report, null, 2) : machineText(report)));
    });
}

/** The report as it is printed, options by their names. */
export function machineText({ providers, browser, tfjs, layout, engine, ...machine }: MachineReport): string {
  const facts = [
    ['genonnx', machine.genonnx],
    ['node', machine.node],
    ['platform', machine.platform],
    ['processor', machine.processor],
    ['cores', String(machine.cores)],
    ['memory', `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ['onnxruntime', machine.onnxruntime],
    ['layout', `${layout.name}: ${layout.reason}`],
    ['engine', `${engine.name}: ${engine.reason}`],
    ['tfjs', tfjs.description ?? 'not installed'],
    ...(tfjs.missing === undefined ? [] : lackLines('', { ...tfjs, missing: tfjs.missing })),
    ...('missing' in browser
      ? lackLines('browser', browser)
      : [['browser', `${browser.path}, ${browser.version}`] as const]),
  ] as const;
  const rows = providers.flatMap(({ name, runtime, missing = 'unknown', cure }) =>
    runtime === null
      ? lackLines(`  ${name}`, { missing, ...(cure === undefined ? {} : { cure }) })
      : [[`  ${name}`, `${runtime.name} ${runtime.version}, ${runtime.host}`] as const],
  );
  return list([...facts, ['providers', 'of genonnx bench --provider'], ...rows]);
}

/** What is missing in the first line, what mends it below. */
function lackLines(name: string, { missing, cure }: Lack): (readonly [string, string])[] {
  return [[name, `missing: ${missing}`], ...(cure === undefined ? [] : [['', `cure:    ${cure}`] as const])];
}
