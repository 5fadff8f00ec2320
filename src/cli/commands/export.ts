// `genonnx export`: a compiled or trained model in the form that another runtime takes.
import { type Command, Option } from 'commander';
import { PRECISIONS, type Precision } from '../../../graphs/onnx/emitter.js';
import { openExportSource } from '../../deploy/export-source.js';
import { OPTIMIZATIONS, type Optimization } from '../../deploy/optimize.js';
import { version } from '../../version.js';
import { requireKnownOptions, TARGETS, type Target, targets } from '../export-targets.js';
import { oneOf, wholeNumber } from '../options.js';
import { print, printJson } from '../output.js';
import { writeExport } from '../write-export.js';

interface ExportOptions {
  readonly to: Target;
  readonly out: string;
  readonly opset?: number;
  readonly foldBatchNorm?: boolean;
  readonly optimize?: Optimization;
  readonly precision?: Precision;
  readonly externalData?: 'auto' | 'always';
  readonly webgpu: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('ship a model to another runtime')
    .argument('<model>', 'an ONNX file that genonnx compiled, or the folder of a finished training')
    .requiredOption('--to <target>', TARGETS.join(', '), oneOf('to', TARGETS))
    .requiredOption('--out <path>', 'where it goes: a file for onnx, else a folder')
    .option(
      '--fold-batch-norm',
      'fold batch norms into the convolutions: --optimize fold (onnx, ort-web, tfjs)',
    )
    .addOption(
      new Option(
        '--optimize <how>',
        'none, fold, or cpu: for ONNX Runtime on processors (onnx, ort-web, tfjs)',
      )
        .argParser(oneOf('optimize', OPTIMIZATIONS))
        .conflicts('foldBatchNorm'),
    )
    .option('--opset <n>', 'ONNX opset, 17 to 21 (onnx)', wholeNumber('opset', 17, 21))
    .option('--precision <p>', 'float32 or float16 (onnx)', oneOf('precision', PRECISIONS))
    .option('--external-data <when>', 'auto or always (onnx)', oneOf('external-data', ['auto', 'always']))
    .option('--no-webgpu', 'without the files for WebGPU, which are larger than those for WASM (ort-web)')
    .option('--force', 'overwrite existing files')
    .option('--json', 'print the files as JSON')
    .addHelpText(
      'after',
      `
Examples:
  genonnx export data.onnx --to ort-web --out site
  genonnx export runs/child --to tfjs --fold-batch-norm --out child-tfjs
  genonnx export data.onnx --to pytorch --out data-pytorch
  genonnx export data.onnx --to svg --out drawings`,
    )
    .action(async (model: string, options: ExportOptions) => {
      const { to, out, force, json } = options;
      requireKnownOptions(to, options);
      const source = await openExportSource(model, version);
      const files = await targets[to](source, options);
      const written = await writeExport(out, files, force);
      if (json === true) printJson(written);
      else for (const path of written) print(path);
    });
}
