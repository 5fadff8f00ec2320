// `genonnx report`: one self-contained HTML file about one or more run folders.
import { join } from 'node:path';
import type { Command } from 'commander';
import { report } from '../../library/report.js';
import { runFiles } from '../../runs/run-store.js';
import { print, printJson } from '../output.js';
import { requireNewFile, writeOutput } from '../output-file.js';

interface ReportOptions {
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .description(
      'write a report of a search, a training, or both; of a study, or of a table, as far as it has come',
    )
    .argument('<folders...>', 'run folders, or that of a study or a table')
    .option('--out <file>', 'where it goes (default: report.html in the last folder)')
    .option('--force', 'overwrite an existing file')
    .option('--json', 'print the file as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  genonnx report runs/search runs/child --out report.html\n  genonnx report runs/child --force\n  genonnx report runs/small --out so-far.html',
    )
    .action(async (folders: string[], { out, force, json }: ReportOptions) => {
      const path = out ?? join(folders.at(-1) ?? '.', runFiles.report);
      requireNewFile(path, force);
      await writeOutput(path, await report(folders));
      if (json === true) printJson([path]);
      else print(path);
    });
}
