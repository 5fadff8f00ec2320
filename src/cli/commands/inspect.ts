// `genonnx inspect`: what is in a model file.
import type { Command } from 'commander';
import { inspectModel } from '../../deploy/inspect.js';
import { list, print, printJson } from '../output.js';

export function registerInspect(program: Command): void {
  program
    .command('inspect')
    .description('show what is in an ONNX model, whoever made it')
    .argument('<model>', 'an ONNX file')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  genonnx inspect model.onnx\n  genonnx inspect model.onnx --json')
    .action(async (path: string, { json }: { json?: boolean }) => {
      const report = await inspectModel(path);
      if (json === true) {
        printJson(report);
        return;
      }
      const { inputs, outputs, operators, metadata, counted, ...figures } = report;
      const how = new Map(Object.entries(counted));
      const values = (of: typeof inputs): string =>
        of.map(({ name, type, shape }) => `${name} ${type}[${shape}]`).join('; ');
      print(
        list([
          ...Object.entries(figures)
            // Strangers have no auxiliary head that anybody knows of.
            .filter(([name, value]) => name !== 'auxiliaryParameters' || value !== null)
            .map(([name, value]): [string, string] => [
              name,
              [
                value === null ? 'unknown' : value.toLocaleString('en'),
                ...(how.has(name) ? [`(${how.get(name)})`] : []),
              ].join(' '),
            ]),
          ['inputs', values(inputs)],
          ['outputs', values(outputs)],
          [
            'operators',
            Object.entries(operators)
              .map(([name, count]) => `${name} ${count}`)
              .join(', '),
          ],
          ...Object.entries(metadata),
        ]),
      );
    });
}
