// `genonnx compile` of a recurrent genotype: two models and the vocabulary beside them.
import { basename, dirname, join } from 'node:path';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { sizeBytes } from '../../graphs/onnx/lower.js';
import { compileLanguage } from '../deploy/compile-language.js';
import { languageFiles } from '../deploy/language-files.js';
import type { PrecisionDeparture } from '../deploy/precision-departure.js';
import { withoutScores } from '../deploy/trained-model.js';
import type { LanguageModel } from '../networks/recurrent/inference.js';
import type { BoundLanguageModel } from '../networks/recurrent/models.js';
import { version } from '../version.js';
import type { CompileSource } from './compile-source.js';
import { departureText } from './departure-text.js';
import { list, print, printJson } from './output.js';
import { writeExport } from './write-export.js';

type LanguageRequest = Extract<CompileSource, { kind: 'recurrent' }>['request'];

interface LanguageCompileOptions {
  readonly out: string;
  readonly opset: number;
  readonly precision: Precision;
  readonly externalData: 'auto' | 'always';
  readonly weights?: string;
  readonly run?: string;
  readonly vocabulary?: string;
  readonly seed: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

export async function compileLanguageTo(
  request: LanguageRequest,
  options: LanguageCompileOptions,
): Promise<void> {
  const { out, opset, precision, externalData, force, json } = options;
  const { metadata: origin = {}, vocabulary, weights } = request;
  const metadata = precision === 'float32' ? origin : withoutScores(origin);
  const compiled = compileLanguage({ ...request, precision, metadata, toolVersion: version });
  const { network, models, parameters, macs } = compiled;
  const { files, lowered, names } = languageFiles(models, {
    fileName: basename(out),
    vocabulary,
    opset,
    precision,
    externalData,
  });
  await writeExport(out, files, force);
  const beside = Object.entries(names).map(([what, name]) => [what, join(dirname(out), name)] as const);
  const departure = precision === 'float32' ? undefined : await departureOf(models.sequence, precision);
  const figures = {
    parameters,
    macs,
    nodes: lowered.sequence.nodes,
    sizeBytes: sizeBytes(lowered.sequence),
    opset,
  };
  if (json === true) {
    const { genotype: _, form: __, ...sizes } = network;
    printJson({
      model: out,
      ...Object.fromEntries(beside),
      network: sizes,
      weights: weights === undefined ? 'random' : 'given',
      ...figures,
      ...(departure === undefined ? {} : { precision, departure }),
    });
    return;
  }
  const fromSeed = `random, from seed ${options.seed}: it has learned nothing`;
  print(
    list([
      ['model', out],
      ...beside,
      ['network', networkText(network)],
      ['weights', options.weights ?? options.run ?? fromSeed],
      ...Object.entries(figures).map(([name, value]) => [name, value.toLocaleString('en')] as const),
      ...(departure === undefined
        ? []
        : ([
            ['precision', precision],
            ['departure', departureText(departure, 'random words')],
          ] as const)),
    ]),
  );
}

function networkText({ words, width, combination, genotype }: LanguageModel): string {
  const { nodes } = genotype.recurrent;
  const joined = nodes.some((node) => node.length > 1) ? [`${combination} of a node's operations`] : [];
  return ['recurrent', `${nodes.length} nodes`, `width ${width}`, `${words} words`, ...joined].join(', ');
}

/** The runtime is only loaded where something is to be measured with it. */
async function departureOf(
  { bound, network }: BoundLanguageModel,
  precision: Precision,
): Promise<PrecisionDeparture> {
  const { languageDeparture } = await import('../deploy/precision-departure.js');
  return await languageDeparture(bound, precision, network);
}
