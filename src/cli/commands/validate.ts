// `genonnx validate`: do two sides compute the same?
import process from 'node:process';
import type { Command } from 'commander';
import type { BatchComparison, SideReport, ValidatePairRequest, Validation } from '../../deploy/validate.js';
import { GenonnxError } from '../../errors.js';
import { wholeNumber, wholeNumbers } from '../options.js';
import { print, printJson, table } from '../output.js';
import { weightsFrom } from '../weights-argument.js';

interface ValidateOptions {
  readonly batch?: readonly number[];
  readonly length?: readonly number[];
  readonly seed?: number;
  readonly weights?: string;
  readonly absolute?: number;
  readonly relative?: number;
  readonly json?: boolean;
}

const help = `
A side is a file, behind a prefix that says what is done with it:
  node:FILE         the model on onnxruntime-node (what a file without prefix is)
  web:FILE          the model on onnxruntime-web, in WASM
  interpreter:FILE  the network of the model in float64; for models that genonnx compiled
  expected:FILE     inputs and outputs by name in safetensors (what *.safetensors is without prefix)
Without B, a model is compared with the interpreter. Of two models, B is the one that counts.

Examples:
  genonnx validate model.onnx
  genonnx validate web:model.onnx node:model.onnx --batch 1,8
  genonnx validate changed.onnx original.onnx --json
  genonnx validate model.onnx expected.safetensors --relative 1e-3
  genonnx validate runs/child/model.onnx --weights runs/child/weights.safetensors`;

export function registerValidate(program: Command): void {
  program
    .command('validate')
    .description(
      'compare a model with the float64 interpreter, another runtime or model, or expected outputs; exit code 1 where they differ',
    )
    .argument('<A>', 'a model: FILE, node:FILE, web:FILE or interpreter:FILE; or expected outputs')
    .argument('[B]', 'what it is compared with (default: the interpreter on the same model)')
    .option('--batch <sizes>', 'batch sizes, separated by commas (default: 1,2)', wholeNumbers('batch'))
    .option(
      '--length <words>',
      'words of each text, separated by commas, for language models (default: 1,5)',
      wholeNumbers('length'),
    )
    .option('--seed <n>', 'seed of the inputs (default: 1)', wholeNumber('seed', 0))
    .option('--absolute <x>', 'difference that is allowed of any value (default: 1e-5)', positive('absolute'))
    .option(
      '--relative <x>',
      'and added to it, this share of the largest value of the output (default: 1e-4; 2e-2 for float16)',
      positive('relative'),
    )
    .option('--weights <file>', 'a state dict (safetensors, .pt) with the weights that the model should have')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async (a: string, b: string | undefined, options: ValidateOptions) => {
      const { json, weights, absolute, relative, batch, length, seed } = options;
      const { parseSide } = await import('../../deploy/sides/side-names.js');
      const sides = { a: parseSide(a), ...(b === undefined ? {} : { b: parseSide(b) }) };
      if (sides.a.kind === 'expected' || sides.b?.kind === 'expected')
        refuseInputOptions({ batch, length, seed });
      const validation = await compared({
        ...sides,
        ...(batch === undefined ? {} : { batches: batch }),
        ...(length === undefined ? {} : { lengths: length }),
        ...(seed === undefined ? {} : { seed }),
        ...(weights === undefined ? {} : { weights: await weightsFrom(weights) }),
        tolerance: {
          ...(absolute === undefined ? {} : { absolute }),
          ...(relative === undefined ? {} : { relative }),
        },
      });
      if (json === true) printJson(withFiniteNumbers(validation));
      else print(inText(validation));
      if (!validation.ok) process.exitCode = 1;
    });
}

async function compared(request: ValidatePairRequest): Promise<Validation> {
  const { validatePair } = await import('../../deploy/validate.js');
  try {
    return await validatePair(request);
  } catch (error) {
    if (!(error instanceof GenonnxError) || error.code !== 'foreign-model') throw error;
    const { code, summary, details } = error;
    const { path } = request.a;
    const cure = `Compare it on two runtimes: genonnx validate web:${path} node:${path}`;
    throw new GenonnxError(code, summary, { ...details, cure }, { cause: error });
  }
}

function refuseInputOptions(options: Readonly<Record<'batch' | 'length' | 'seed', unknown>>): void {
  const [found] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (found === undefined) return;
  throw new GenonnxError('usage', 'Expected outputs bring their inputs with them.', {
    found: `--${found}`,
    cure: 'Leave --batch, --length and --seed out.',
  });
}

/** A finite number above 0. */
function positive(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
    throw new GenonnxError('usage', `--${option} takes a positive number.`, {
      expected: 'a finite number above 0',
      found: text,
      cure: `Pass for example --${option} 1e-4.`,
    });
  };
}

/** JSON has no NaN and no infinity: they become strings instead of disappearing. */
function withFiniteNumbers(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(withFiniteNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withFiniteNumbers(inner)]));
}

function inText({ sides, comparisons, firstDeparture, summary }: Validation): string {
  const lines = [sides.map(sideLine).join('\n'), '', comparisonTable(comparisons), '', summary];
  if (firstDeparture === undefined) return lines.join('\n');
  const { cell, node, edge, operation, value } = firstDeparture;
  const place = [
    ...(cell === null ? [] : [`cell ${cell}`]),
    ...(node === null ? [] : [`node ${node}`]),
    ...(edge === null ? [] : [`edge ${edge}`]),
    `operation ${operation}`,
    `value ${value}`,
  ];
  return [...lines, '', `first departure: ${place.join(', ')}`].join('\n');
}

function sideLine({ label, isReference }: SideReport): string {
  return `${isReference ? 'expected' : 'found   '}  ${label}`;
}

function comparisonTable(comparisons: readonly BatchComparison[]): string {
  const hasLength = comparisons.some(({ length }) => length !== undefined);
  return table([
    [
      'output',
      'batch',
      ...(hasLength ? ['words'] : []),
      'largest difference',
      'of the tolerance',
      'top-1 agreement',
      'worst element',
      'found',
      'expected',
    ],
    ...comparisons.map((comparison) => [
      comparison.output,
      String(comparison.batch),
      ...(hasLength ? [String(comparison.length)] : []),
      comparison.difference.toExponential(2),
      `${(comparison.ofTolerance * 100).toFixed(2)} %`,
      comparison.topOneAgreement === null ? '-' : `${(comparison.topOneAgreement * 100).toFixed(1)} %`,
      `[${comparison.position.join(', ')}]`,
      comparison.found.toPrecision(6),
      comparison.expected.toPrecision(6),
    ]),
  ]);
}
