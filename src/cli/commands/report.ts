// `genonnx report`: one self-contained HTML file about one or more run folders.
import { join } from 'node:path';
import type { Command } from 'commander';
import { reportData } from '../../library/report-data.js';
import { writeFileAtomic } from '../../runs/atomic.js';
import { runFiles } from '../../runs/run-store.js';
import { print } from '../output.js';

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('write a report of a search, a training, or both')
    .argument('<folders...>', 'run folders')
    .option('--out <file>', 'where it goes (default: report.html in the last folder)')
    .addHelpText('after', '\nExample:\n  genonnx report runs/search runs/child --out report.html')
    .action(async (folders: string[], { out }: { out?: string }) => {
      const path = out ?? join(folders.at(-1) ?? '.', runFiles.report);
      // Charts and drawings are loaded by the commands that draw.
      const { renderReport } = await import('../../report/report.js');
      await writeFileAtomic(path, await renderReport(await reportData(folders)));
      print(path);
    });
}
