// `compileFiles()`: what the command does. A genotype and its weights, or a finished training, as the files of an ONNX model.
import type { ExportFile } from '../../exporters/export-file.js';
import { toOnnx } from '../../exporters/onnx.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { sizeBytes } from '../../graphs/onnx/lower.js';
import { compile } from '../deploy/compile.js';
import { compileLanguage } from '../deploy/compile-language.js';
import { languageFiles } from '../deploy/language-files.js';
import type { Optimization } from '../deploy/optimize.js';
import type { PrecisionDeparture } from '../deploy/precision-departure.js';
import { withoutScores } from '../deploy/trained-model.js';
import type { ImageNetwork } from '../networks/deployed.js';
import type { LanguageModel } from '../networks/recurrent/inference.js';
import { version } from '../version.js';
import { type CompileSource, compileSource, type SourceOptions } from './compile-source.js';
import { defaultFileName } from './export-targets.js';
import { memoryHere } from './memory.js';

/** What to compile, and how it is written. */
export interface CompileFilesOptions extends SourceOptions {
  /** Of the model: other files are called after it. Default: `model.onnx`. */
  readonly fileName?: string | undefined;
  /** 17 to 21. Default: 17. */
  readonly opset?: number | undefined;
  /** Default: `none`. */
  readonly optimization?: Optimization | undefined;
  /** The same as `optimization: 'fold'`. */
  readonly foldBatchNorm?: boolean | undefined;
  /** Default: `float32`. */
  readonly precision?: Precision | undefined;
  /** Whether weights lie in a second file: only beyond 2 GiB (`auto`), or always. Default: `auto`. */
  readonly externalData?: 'auto' | 'always' | undefined;
}

interface Figures {
  /** Trainable numbers outside of an auxiliary head, and inside. */
  readonly parameters: number;
  readonly auxiliaryParameters?: number;
  /** Multiply-adds for one example. */
  readonly macs: number;
  readonly nodes: number;
  readonly sizeBytes: number;
  readonly opset: number;
}

interface Compiled {
  /** One without a path of its own is the model; the others lie beside it. */
  readonly files: readonly ExportFile[];
  /** Names of what lies beside the model, by what it is: `dataFile`, `step`, `vocabulary`. */
  readonly beside: Readonly<Record<string, string>>;
  readonly weights: 'given' | 'random';
  readonly figures: Figures;
  readonly precision: Precision;
  /** What rounding changed; absent for float32. */
  readonly departure?: PrecisionDeparture;
}

/** A compiled model as files, and what is to be said of it. */
export type CompiledFiles =
  | (Compiled & { readonly kind: 'convolutional'; readonly network: ImageNetwork })
  | (Compiled & { readonly kind: 'recurrent'; readonly network: LanguageModel });

/**
 * Compiles to files, which it does not write. A language model is two models, and its vocabulary.
 * @throws GenonnxError for what cannot be read, is missing, is meant for another kind of network, or cannot be; `memory`
 * for weights that would not fit.
 */
export async function compileFiles(options: CompileFilesOptions): Promise<CompiledFiles> {
  const source = await compileSource(options);
  return source.kind === 'recurrent'
    ? await languageModelFiles(source.request, options)
    : await imageModelFiles(source.request, options);
}

type RequestOf<K extends CompileSource['kind']> = Extract<CompileSource, { kind: K }>['request'];

/** A process of its own size, and weights about twice: as numbers, and as bytes of a file. */
const processBytes = 100e6;
const copies = 2.1;

/** Of weights that can be compiled here. */
function mostWeightBytes(): number {
  return (memoryHere().bytes - processBytes) / copies;
}

async function imageModelFiles(
  request: RequestOf<'convolutional'>,
  options: CompileFilesOptions,
): Promise<CompiledFiles> {
  const { fileName = defaultFileName, opset = 17, precision = 'float32', externalData = 'auto' } = options;
  const { metadata: origin = {}, weights } = request;
  const { network, bound, metadata, parameters, auxiliaryParameters, macs } = compile({
    ...request,
    optimization: options.optimization ?? (options.foldBatchNorm === true ? 'fold' : 'none'),
    precision,
    metadata: precision === 'float32' ? origin : withoutScores(origin),
    toolVersion: version,
    mostWeightBytes: mostWeightBytes(),
  });
  const { files, model } = toOnnx(bound, { fileName, metadata, opset, precision, externalData });
  const [dataFile] = files.filter(({ path }) => path !== '');
  const figures = {
    parameters,
    auxiliaryParameters,
    macs,
    nodes: model.nodes,
    sizeBytes: sizeBytes(model),
    opset,
  };
  return {
    kind: 'convolutional',
    network,
    files,
    beside: dataFile === undefined ? {} : { dataFile: dataFile.path },
    weights: weights === undefined ? 'random' : 'given',
    figures,
    precision,
    ...(precision === 'float32'
      ? {}
      : { departure: await (await departures()).precisionDeparture(bound, precision) }),
  };
}

async function languageModelFiles(
  request: RequestOf<'recurrent'>,
  options: CompileFilesOptions,
): Promise<CompiledFiles> {
  const { fileName = defaultFileName, opset = 17, precision = 'float32', externalData = 'auto' } = options;
  const { metadata: origin = {}, vocabulary, weights } = request;
  const { network, models, parameters, macs } = compileLanguage({
    ...request,
    precision,
    metadata: precision === 'float32' ? origin : withoutScores(origin),
    toolVersion: version,
    mostWeightBytes: mostWeightBytes(),
  });
  const { files, lowered, names } = languageFiles(models, {
    fileName,
    vocabulary,
    opset,
    precision,
    externalData,
  });
  const { bound, network: whole } = models.sequence;
  return {
    kind: 'recurrent',
    network,
    files,
    beside: names,
    weights: weights === undefined ? 'random' : 'given',
    figures: {
      parameters,
      macs,
      nodes: lowered.sequence.nodes,
      sizeBytes: sizeBytes(lowered.sequence),
      opset,
    },
    precision,
    ...(precision === 'float32'
      ? {}
      : { departure: await (await departures()).languageDeparture(bound, precision, whole) }),
  };
}

/** The runtime is only loaded where something is to be measured with it. */
const departures = () => import('../deploy/precision-departure.js');
