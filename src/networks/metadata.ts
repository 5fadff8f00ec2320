// What every model that is made here says about itself, in its metadata: its network, where it comes from, what was done
// to it. Written when it is compiled, read back when it is opened.
import type { Precision } from '../../graphs/onnx/emitter.js';
import type * as onnx from '../../graphs/onnx/proto.js';
import type { Normalisation } from '../data/normalise.js';
import type { PictureView } from '../data/pictures/views.js';
import type { VocabularyRecord } from '../data/text/vocabulary-record.js';
import { GenonnxError } from '../errors.js';
import { ONE_CELL_FORM } from '../spaces/one-cell.js';
import { parseGenotype, parseGenotypeOf, parseRecurrentGenotype } from '../spaces/parse.js';
import { printAnyGenotype, printGenotype, printRecurrentGenotype } from '../spaces/print.js';
import {
  type DeployedNetwork,
  deployedSchema,
  isLanguageModel,
  isOneCell,
  isSegmentation,
} from './deployed.js';

export interface Provenance {
  readonly network: DeployedNetwork;
  readonly toolVersion: string;
  readonly seed?: number;
  /** Where nothing was learned. */
  readonly weights?: 'random';
  readonly dataset?: string;
  readonly classes?: readonly string[];
  readonly normalisation?: Normalisation;
  /** Red, green and blue of each class, 0 to 255, where masks are shown. */
  readonly palette?: readonly (readonly number[])[];
  /** What was seen of pictures, before they were normalised. */
  readonly preprocessing?: PictureView;
  /** The words of a language model. */
  readonly vocabulary?: VocabularyRecord;
  /** On the test examples of the data set, by the names of the task's metrics. */
  readonly scores?: Readonly<Record<string, number>>;
  /** What was done to the graph, as `deploy/optimize.ts` names it. */
  readonly optimization?: string;
  readonly precision?: Precision;
  readonly cost: { readonly parameters: number; readonly macs: number };
}

/** What every exported model says about itself. */
export function metadataOf({
  network,
  toolVersion,
  seed,
  weights,
  dataset,
  classes,
  normalisation,
  palette,
  preprocessing,
  vocabulary,
  scores = {},
  optimization = 'none',
  precision = 'float32',
  cost: figures,
}: Provenance): Record<string, string> {
  const metadata: Record<string, string> = {
    ...descriptionOf(network),
    parameters: String(figures.parameters),
    macs: String(figures.macs),
    tool: `genonnx ${toolVersion}`,
  };
  if (seed !== undefined) metadata.seed = String(seed);
  if (weights !== undefined) metadata.weights = weights;
  if (dataset !== undefined) metadata.dataset = dataset;
  if (classes !== undefined) metadata.classes = JSON.stringify(classes);
  if (optimization !== 'none') metadata.optimize = optimization;
  if (precision !== 'float32') metadata.precision = precision;
  if (normalisation !== undefined) metadata.normalisation = JSON.stringify(normalisation);
  if (palette !== undefined) metadata.palette = JSON.stringify(palette);
  if (preprocessing !== undefined) metadata.preprocessing = JSON.stringify(preprocessing);
  if (vocabulary !== undefined) metadata.vocabulary = JSON.stringify(vocabulary);
  for (const [name, score] of Object.entries(scores)) metadata[name] = String(score);
  return metadata;
}

/** The part of it that the network can be built again from. */
export function descriptionOf(network: DeployedNetwork): {
  readonly genotype: string;
  readonly network: string;
} {
  if (isLanguageModel(network)) {
    const { genotype, name, form, words, width, combination, batch } = network;
    return {
      genotype: printRecurrentGenotype(genotype),
      network: JSON.stringify({ name, form, words, width, combination, batch }),
    };
  }
  if (isOneCell(network)) {
    const { genotype, name, stages, cells, initChannels, stemStride, classes, image, batch } = network;
    const sizes = { name, stages, cells, initChannels, stemStride, classes, image };
    return {
      genotype: printAnyGenotype({ kind: 'one-cell', genotype }),
      network: JSON.stringify({ ...sizes, batch }),
    };
  }
  const { genotype, name, cells, initChannels, classes, image, batch } = network;
  const sizes = { name, cells, initChannels, classes, image };
  if (isSegmentation(network)) {
    const { outputStride, asppWidth, rates, alignment } = network;
    return {
      genotype: printGenotype(genotype),
      network: JSON.stringify({ ...sizes, outputStride, asppWidth, rates, alignment, batch }),
    };
  }
  return {
    genotype: printGenotype(genotype),
    network: JSON.stringify({ ...sizes, auxiliary: network.auxiliary, batch }),
  };
}

/** Metadata of a model, by key. */
export function metadataIn(model: onnx.ModelProto): Map<string, string> {
  return new Map(model.metadataProps.map(({ key, value }) => [key ?? '', value ?? '']));
}

/** The network that a model says it is. @throws GenonnxError `foreign-model` for a stranger's, or for nonsense. */
export function networkIn(metadata: ReadonlyMap<string, string>, where: string): DeployedNetwork {
  const refuse = (found: string): GenonnxError =>
    new GenonnxError('foreign-model', 'This model does not say which network it is.', {
      where,
      expected: 'the metadata that genonnx writes: a genotype and a network',
      found,
      cure: 'Only models that genonnx compiled can be built again; run this one in a runtime.',
    });
  const [genotype, network] = [metadata.get('genotype'), metadata.get('network')];
  if (genotype === undefined || network === undefined) throw refuse('neither of them');
  let parsed: unknown;
  try {
    parsed = JSON.parse(network);
  } catch {
    throw refuse('a network that is no JSON');
  }
  const known = deployedSchema.safeParse(parsed);
  if (!known.success) throw refuse(known.error.issues[0]?.message ?? 'another network');
  const source = { source: `${where} (metadata)` };
  const { data } = known;
  if (data.name === 'recurrent') return { ...data, genotype: parseRecurrentGenotype(genotype, source) };
  if (data.name === 'one-cell')
    return { ...data, genotype: parseGenotypeOf(ONE_CELL_FORM, genotype, source) };
  return { ...data, genotype: parseGenotype(genotype, source) };
}
