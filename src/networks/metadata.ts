// What every model that is made here says about itself, in its metadata: its network, where it comes from, what was done
// to it. Written when it is compiled, read back when it is opened.
import type { Precision } from '../../graphs/onnx/emitter.js';
import type * as onnx from '../../graphs/onnx/proto.js';
import type { Normalisation } from '../data/normalise.js';
import { GenonnxError } from '../errors.js';
import { parseGenotype } from '../spaces/parse.js';
import { printGenotype } from '../spaces/print.js';
import type { InferenceNetwork } from './inference.js';
import { networkSchema } from './network-limits.js';

export interface Provenance {
  readonly network: InferenceNetwork;
  readonly toolVersion: string;
  readonly seed?: number;
  /** Where nothing was learned. */
  readonly weights?: 'random';
  readonly dataset?: string;
  readonly classes?: readonly string[];
  readonly normalisation?: Normalisation;
  /** On the test images of the data set, from 0 to 1. */
  readonly accuracy?: number;
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
  accuracy,
  optimization = 'none',
  precision = 'float32',
  cost: figures,
}: Provenance): Record<string, string> {
  const metadata: Record<string, string> = {
    genotype: printGenotype(network.genotype),
    network: JSON.stringify({
      name: network.name,
      cells: network.cells,
      initChannels: network.initChannels,
      classes: network.classes,
      image: network.image,
      auxiliary: network.auxiliary,
      batch: network.batch,
    }),
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
  if (accuracy !== undefined) metadata.accuracy = String(accuracy);
  return metadata;
}

/** Metadata of a model, by key. */
export function metadataIn(model: onnx.ModelProto): Map<string, string> {
  return new Map(model.metadataProps.map(({ key, value }) => [key ?? '', value ?? '']));
}

/** The network that a model says it is. @throws GenonnxError `foreign-model` for a stranger's, or for nonsense. */
export function networkIn(metadata: ReadonlyMap<string, string>, where: string): InferenceNetwork {
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
  const known = networkSchema.safeParse(parsed);
  if (!known.success) throw refuse(known.error.issues[0]?.message ?? 'another network');
  return { ...known.data, genotype: parseGenotype(genotype, { source: `${where} (metadata)` }) };
}
