// `genonnx export`: a compiled or trained model in the form that another runtime takes.
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { PRECISIONS } from '../../../graphs/onnx/emitter.js';
import { OPTIMIZATIONS } from '../../deploy/optimize.js';
import { GenonnxError } from '../../errors.js';
import { type ExportOptions, exportModel } from '../../library/export.js';
import {
  type Exported,
  foreignTargets,
  SITES,
  type Site,
  TARGETS,
  type Target,
} from '../../library/export-targets.js';
import { exportLab } from '../../library/lab.js';
import { addDataFacts, type DataFactOptions, labelsFrom } from '../data-facts.js';
import { withFlags } from '../option-flags.js';
import { imageShape, oneOf, wholeNumber } from '../options.js';
import { print, printJson, say } from '../output.js';
import { withTraining } from '../run-advice.js';
import { writeExport } from '../write-export.js';

interface ExportCommandOptions
  extends DataFactOptions,
    Omit<ExportOptions, 'to' | 'labels' | 'mean' | 'standardDeviation' | 'optimization' | 'fileName'> {
  readonly to: Target | Site;
  readonly optimize?: ExportOptions['optimization'];
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function registerExport(program: Command): void {
  const command = program
    .command('export')
    .description('ship a model to another runtime')
    .argument(
      '[model]',
      'an ONNX file that genonnx compiled, or the folder of a finished training; for ort-web, any image classifier in ONNX; lab takes none',
    )
    .requiredOption(
      '--to <target>',
      `${TARGETS.join(', ')}; or lab: a site on which searches run in the browser`,
      oneOf('to', [...TARGETS, ...SITES]),
    )
    .requiredOption('--out <path>', 'where it goes: a file for onnx, else a folder')
    .option(
      '--fold-batch-norm',
      'fold batch norms into the convolutions: --optimize fold (onnx, ort-web, tfjs, hugging-face)',
    )
    .addOption(
      new Option(
        '--optimize <how>',
        'none, fold, or cpu: for ONNX Runtime on processors (onnx, ort-web, tfjs, hugging-face)',
      )
        .argParser(oneOf('optimize', OPTIMIZATIONS))
        .conflicts('foldBatchNorm'),
    )
    .option('--opset <n>', 'ONNX opset, 17 to 21 (onnx, hugging-face)', wholeNumber('opset', 17, 21))
    .option('--precision <p>', 'float32 or float16 (onnx)', oneOf('precision', PRECISIONS))
    .option('--external-data <when>', 'auto or always (onnx)', oneOf('external-data', ['auto', 'always']))
    .option('--image <HxWxC>', 'size of the images, where the model leaves it open (ort-web)', imageShape);
  addDataFacts(command, "instead of the model's own (ort-web)")
    .option(
      '--vocabulary <file>',
      'the words of a language model, one a line, where they do not lie beside it',
    )
    .option(
      '--no-webgpu',
      'without the files for WebGPU, which are larger than those for WASM (ort-web, lab)',
    )
    .option('--force', 'overwrite existing files')
    .option('--json', 'print the files as JSON')
    .addHelpText(
      'after',
      `
Examples:
  genonnx export data.onnx --to ort-web --out site
  genonnx export resnet50.onnx --to ort-web --labels imagenet.txt --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --out site
  genonnx export runs/child --to tfjs --fold-batch-norm --out child-tfjs
  genonnx export data.onnx --to pytorch --out data-pytorch
  genonnx export runs/lm --to hugging-face --out my-model
  genonnx export data.onnx --to svg --out drawings
  genonnx export --to lab --out lab`,
    )
    .action(async (model: string | undefined, asked: ExportCommandOptions) => {
      const { out, force, json } = asked;
      const { files, notes } = await exported(model, asked);
      const written = await writeExport(out, files, force);
      for (const note of notes) say(withFlags(`note: ${note}`));
      if (json === true) printJson(written);
      else for (const path of written) print(path);
    });
}

async function exported(
  model: string | undefined,
  { to, out, force: _, json: __, webgpu, std, optimize, labels, ...options }: ExportCommandOptions,
): Promise<Exported> {
  if (to === 'lab') return await site(model, webgpu, { labels, std, optimize, ...options });
  if (model === undefined) {
    throw new GenonnxError('usage', 'There is no model to export.', {
      expected: 'an ONNX file, or the folder of a finished training',
      found: `--to ${to} alone`,
      cure: `Name it: genonnx export <model> --to ${to} --out ${out}.`,
    });
  }
  return await withAdvice(model, to, async () =>
    exportModel(model, {
      ...options,
      webgpu,
      to,
      fileName: basename(out),
      standardDeviation: std,
      optimization: optimize,
      labels: labels === undefined ? undefined : await labelsFrom(labels),
    }),
  );
}

/** @throws GenonnxError `usage` for a model, and for options of models. */
async function site(
  model: string | undefined,
  webgpu: boolean | undefined,
  options: Readonly<Record<string, unknown>>,
): Promise<Exported> {
  const given = Object.entries(options).find(([, value]) => value !== undefined)?.[0];
  if (model !== undefined || given !== undefined) {
    throw new GenonnxError('usage', 'This target takes no model: its page searches and trains its own.', {
      expected: '--to lab, --out FOLDER, and perhaps --no-webgpu',
      found: model ?? `--${given?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      cure: 'Leave it out; a model of yours becomes a page with --to ort-web.',
    });
  }
  return await exportLab({ webgpu });
}

/** What to type where the folder of a run, or a model of somebody else's, is not what the target takes. */
async function withAdvice<T>(model: string, to: Target, act: () => Promise<T>): Promise<T> {
  try {
    return await withTraining(model, act);
  } catch (error) {
    if (!(error instanceof GenonnxError) || error.code !== 'foreign-model' || to in foreignTargets)
      throw error;
    const others = Object.keys(foreignTargets).join(', ');
    const { code, summary, details } = error;
    const cure = `--to ${to} takes models that genonnx compiled. Anybody's classifier becomes a page: genonnx export ${model} --to ${others} --out <folder>`;
    throw new GenonnxError(code, summary, { ...details, cure }, { cause: error });
  }
}
