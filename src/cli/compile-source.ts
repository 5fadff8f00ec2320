// What `genonnx compile` starts from: a genotype with weights or a seed, or the folder of a finished training.
import { readFile } from 'node:fs/promises';
import { normalisationOf, parseLabels } from '../deploy/labels.js';
import { matchWeights } from '../deploy/match-weights.js';
import { readTrainedModel, withoutAuxiliaryHead } from '../deploy/trained-model.js';
import { readWeights } from '../deploy/weights-file.js';
import { GenonnxError } from '../errors.js';
import { type NetworkName, paperSizes } from '../networks/evaluation.js';
import type { InferenceNetwork } from '../networks/inference.js';
import { freshWeights } from '../networks/initial-state.js';
import { openStream } from '../random.js';
import { asUnreadable } from '../runs/file-errors.js';
import { genotypeFrom } from './genotype-argument.js';
import type { ImageShape } from './options.js';
import { say } from './output.js';
import { roundingNote } from './rounding-note.js';

export interface SourceOptions {
  readonly genotype?: string;
  readonly run?: string;
  readonly network: NetworkName;
  readonly cells?: number;
  readonly channels?: number;
  readonly classes?: number;
  readonly image?: ImageShape;
  readonly auxiliary?: boolean;
  readonly weights?: string;
  readonly labels?: string;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly seed: number;
  readonly batch: number | string;
}

export interface CompileSource {
  readonly network: InferenceNetwork;
  /** The weights of a network, in its order. */
  readonly fill: (slots: Parameters<typeof freshWeights>[0]) => Float32Array[];
  /** Metadata beside the network's own. */
  readonly origin: Readonly<Record<string, string>>;
}

/** @throws GenonnxError for what cannot be read, does not fit, or is missing. */
export async function compileSource(options: SourceOptions): Promise<CompileSource> {
  if (options.run !== undefined) return await fromRun(options.run, options);
  if (options.genotype === undefined) {
    throw new GenonnxError('usage', 'There is nothing to compile.', {
      expected: '--genotype, or --run with the folder of a training',
      cure: 'Pass for example --genotype DATA_M7.',
    });
  }
  const network = networkOf(await genotypeFrom(options.genotype), options);
  const facts = await dataFacts(network, options);
  if (options.weights === undefined) {
    const { seed } = options;
    const fill: CompileSource['fill'] = (slots) => freshWeights(slots, openStream(seed, 'weights'));
    return { network, fill, origin: { seed: String(seed), ...facts } };
  }
  const { weights, rounded } = await readWeights(options.weights);
  if (rounded > 0) say(roundingNote(rounded));
  return { network, fill: (slots) => matchWeights(slots, weights), origin: facts };
}

async function fromRun(folder: string, { auxiliary = false, batch }: SourceOptions): Promise<CompileSource> {
  const trained = await readTrainedModel(folder);
  const weights = auxiliary ? trained.weights : withoutAuxiliaryHead(trained.weights);
  return {
    network: { ...trained.network, auxiliary, batch },
    fill: (slots) => matchWeights(slots, weights),
    origin: trained.origin,
  };
}

function networkOf(genotype: InferenceNetwork['genotype'], options: SourceOptions): InferenceNetwork {
  const usual = paperSizes[options.network];
  return {
    name: options.network,
    genotype,
    cells: options.cells ?? usual.cells,
    initChannels: options.channels ?? usual.initChannels,
    classes: options.classes ?? usual.classes,
    image: options.image ?? usual.image,
    auxiliary: options.auxiliary ?? false,
    batch: options.batch,
  };
}

/** Labels and normalisation as metadata. */
async function dataFacts(
  { classes, image }: InferenceNetwork,
  { labels, mean, std }: SourceOptions,
): Promise<Record<string, string>> {
  const facts: Record<string, string> = {};
  if (labels !== undefined) {
    const text = await readFile(labels, 'utf8').catch((error: unknown) => {
      throw asUnreadable(error, labels, 'a file with one label a line');
    });
    facts.classes = JSON.stringify(parseLabels(text, classes, labels));
  }
  if (mean !== undefined || std !== undefined)
    facts.normalisation = JSON.stringify(normalisationOf(mean ?? [], std ?? [], image.channels));
  return facts;
}
