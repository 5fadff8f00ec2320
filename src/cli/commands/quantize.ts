// `genonnx quantize`: a float32 model to its 8-bit form, and what that costs.
import type { Command } from 'commander';
import { loadModelData } from '../../deploy/load-model-data.js';
import type { RangeMethod } from '../../deploy/quantize/histogram.js';
import { RANGE_METHODS } from '../../deploy/quantize/histogram.js';
import {
  QUANTIZATION_FORMS,
  type QuantizationForm,
  type QuantizationReport,
  quantizeDefaults,
  quantizeModel,
} from '../../deploy/quantize/quantize-model.js';
import type { Sensitivity } from '../../deploy/quantize/sensitivity.js';
import { GenonnxError } from '../../errors.js';
import { oneOf, wholeNumber } from '../options.js';
import { list, print, printJson, say, table } from '../output.js';
import { requireNewFile, writeOutput } from '../output-file.js';

interface QuantizeCommandOptions {
  readonly out: string;
  readonly form: QuantizationForm;
  readonly data?: string;
  readonly calibrationImages: number;
  readonly ranges: RangeMethod;
  readonly exclude?: readonly string[];
  readonly sensitivity?: boolean;
  readonly evenIfSlower?: boolean;
  readonly json?: boolean;
  readonly force?: boolean;
}

const help = `
static: 8-bit integers from the first operation to the last, with ranges found on training images (the QDQ form,
  which ONNX Runtime turns into integer operators). The fast one on processors.
dynamic: 8-bit weights, ranges of activations found while the model runs. Needs no images; small, not fast.

Examples:
  genonnx quantize runs/child/model.onnx --data fashion-mnist --even-if-slower --out int8.onnx
  genonnx quantize model.onnx --data ./cifar-10-batches-bin --sensitivity --out int8.onnx
  genonnx quantize model.onnx --data fashion-mnist --exclude 'stem' 'cells.*/preprocess0' --out int8.onnx
  genonnx quantize model.onnx --form dynamic --out int8.onnx`;

export function registerQuantize(program: Command): void {
  program
    .command('quantize')
    .description('write a model with 8-bit integers, and say what that costs')
    .argument('<model>', 'a float32 model: one that genonnx compiled, or any with weights as initializers')
    .requiredOption('--out <file>', 'where the quantized model goes')
    .option('--form <form>', QUANTIZATION_FORMS.join(' or '), oneOf('form', QUANTIZATION_FORMS), 'static')
    .option(
      '--data <name|folder>',
      'a data set: its training images calibrate, its test images say what 8 bits cost',
    )
    .option(
      '--calibration-images <n>',
      'training images that calibrate',
      wholeNumber('calibration-images'),
      quantizeDefaults.calibrationImages,
    )
    .option(
      '--ranges <method>',
      `how the ranges of values are found: ${RANGE_METHODS.join(', ')}`,
      oneOf('ranges', RANGE_METHODS),
      quantizeDefaults.ranges,
    )
    .option('--exclude <names...>', 'nodes that stay in float: names, their beginnings, patterns with *')
    .option('--sensitivity', 'quantize each operation alone, and list what it costs')
    .option('--even-if-slower', 'quantize narrow networks, too, which padding makes slower in 8 bits')
    .option('--force', 'overwrite the output file')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(quantize);
}

async function quantize(model: string, options: QuantizeCommandOptions): Promise<void> {
  const { out, data, exclude = [], sensitivity = false, json, force, ...rest } = options;
  requireNewFile(out, force);
  if (sensitivity && data === undefined) {
    throw new GenonnxError('usage', 'The sensitivity of operations is measured on images.', {
      where: '--sensitivity',
      expected: '--data',
      cure: 'Name the data set that the model was trained on.',
    });
  }
  const dataset = data === undefined ? undefined : await loadModelData(data, model);
  const { bytes, report } = await quantizeModel({
    ...rest,
    model,
    exclude,
    dataset,
    sensitivity,
    onProgress: say,
  });
  await writeOutput(out, bytes);
  for (const warning of report.warnings) say(`warning: ${warning}`);
  if (report.warnings.length > 0) say(`Compare the two: genonnx bench ${model} ${out}`);
  if (json === true) printJson({ out, ...report });
  else print(inText(out, report));
}

function inText(
  out: string,
  { form, weighted, sizeBytes, measured, sensitivity }: QuantizationReport,
): string {
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1000).toLocaleString('en')} kB`;
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  const entries: [string, string][] = [
    ['written', `${out}, ${form} form`],
    ['in integers', `${weighted.quantized} of ${weighted.all} convolutions and matrix products`],
    ['size', `${kilobytes(sizeBytes.before)} before, ${kilobytes(sizeBytes.after)} after`],
  ];
  if (measured !== undefined) {
    const { accuracy, departure, dataset } = measured;
    const images = `${departure.images} test images of ${dataset}`;
    if (accuracy !== undefined) {
      const change = (accuracy.after - accuracy.before) * 100;
      const moved = `${percent(accuracy.before)} before, ${percent(accuracy.after)} after`;
      entries.push(['accuracy', `${moved} (${change.toFixed(2)} points), ${images}`]);
    }
    const answers = accuracy === undefined ? ` of the pixels of ${images}` : '';
    entries.push(
      [
        'logits',
        `${departure.largestRelativeDifference.toExponential(2)} of the largest apart at most, same answer on ${percent(departure.topOneAgreement)}${answers}`,
      ],
      [
        'squared error',
        `${departure.relativeSquaredError.toExponential(2)} of the mean square of the logits`,
      ],
    );
  }
  const text = list(entries);
  return sensitivity === undefined ? text : `${text}\n\n${sensitivityTable(sensitivity)}`;
}

function sensitivityTable(sensitivity: readonly Sensitivity[]): string {
  const sum = sensitivity.reduce((total, { relativeSquaredError }) => total + relativeSquaredError, 0);
  return table([
    ['operation, quantized alone', 'squared error', 'of the sum', 'accuracy'],
    ...sensitivity.map(({ operation, relativeSquaredError, accuracyChange }) => [
      operation,
      relativeSquaredError.toExponential(2),
      `${((100 * relativeSquaredError) / (sum || 1)).toFixed(1)} %`,
      `${(100 * accuracyChange).toFixed(2)}`,
    ]),
  ]);
}
