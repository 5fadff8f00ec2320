// What a latency table is made of, before anything is measured: the recipes of the parts, and the networks of random
// genotypes that the sums of parts are compared with. The same options give the same plan, in whatever process.
import { foldBatchNorm } from '../../../graphs/passes/fold-batch-norm.js';
import { compileModel } from '../../deploy/compile-model.js';
import { sampleGenotype } from '../../estimators/random.js';
import { inferenceGraph } from '../../networks/inference.js';
import { bindWeights, type InferenceGraph } from '../../networks/inference-graph.js';
import { freshWeights } from '../../networks/initial-state.js';
import { openStream } from '../../random.js';
import {
  type ConvolutionalGenotype,
  type ConvolutionalOperation,
  type ConvolutionalSpace,
  convolutionalSpace,
} from '../../spaces/convolutional.js';
import { type CompiledModel, compileLoneModel, modelsOf, type Recipe, recipeOf } from './lone-models.js';
import { partsOfSpace } from './network-parts.js';
import type { CellsNetwork } from './parts.js';

export interface CellsOptions {
  readonly network: CellsNetwork;
  /** Of the table, and of the random genotypes. */
  readonly primitives: readonly ConvolutionalOperation[];
  readonly batch: number;
  /** Whether batch norms are folded when models are made; the runtime may do it by itself, too. */
  readonly foldBatchNorm: boolean;
  /** How many random genotypes are measured. */
  readonly genotypes: number;
  /** Of the genotypes. */
  readonly seed: number;
}

export interface CellsPlan {
  readonly options: CellsOptions;
  readonly recipes: readonly Recipe[];
  readonly genotypes: readonly ConvolutionalGenotype[];
  /** Weights of a network of the space. */
  readonly weightBytes: number;
}

/** A model with the name that its latencies go by. */
export interface PlannedModel {
  readonly name: string;
  readonly compile: () => CompiledModel;
  /** How much other data is read before each run, so that the caches are as they would be inside of a network. */
  readonly readBytes: number;
}

/** @throws GenonnxError `channels`, `image-size`, `usage` for networks that cannot be. */
export function planCells(options: CellsOptions): CellsPlan {
  const { network, seed } = options;
  const space = spaceOf(options.primitives);
  const stream = openStream(seed, 'bench-cells');
  const genotypes = Array.from({ length: options.genotypes }, () => sampleGenotype(space, stream));
  const { weights } = networkGraph(genotypes[0] ?? sampleGenotype(space, stream), options);
  return {
    options,
    recipes: partsOfSpace(network, space).map(recipeOf),
    genotypes,
    weightBytes: weights.reduce((bytes, { size }) => bytes + 4 * size, 0),
  };
}

/** Nodes of the genotypes that are measured: as many as DARTS's. */
const measuredNodes = 4;

export function spaceOf(primitives: readonly ConvolutionalOperation[]): ConvolutionalSpace {
  return convolutionalSpace('measured', { nodes: measuredNodes, primitives });
}

/** Name of the network of a genotype. */
export function networkName(index: number): string {
  return `network ${index}`;
}

/** Everything that is to be measured, the networks last. */
export function modelsOfPlan({ options, recipes, genotypes, weightBytes }: CellsPlan): PlannedModel[] {
  const { batch, foldBatchNorm: fold } = options;
  const lone = [...modelsOf(recipes).values()].map(
    (model): PlannedModel => ({
      name: model.name,
      compile: () => compileLoneModel(model, { batch, fold }),
      readBytes: weightBytes,
    }),
  );
  const networks = genotypes.map(
    (genotype, index): PlannedModel => ({
      name: networkName(index),
      compile: () => compileNetwork(genotype, options),
      // It has read its own.
      readBytes: 0,
    }),
  );
  return [...lone, ...networks];
}

function networkGraph(genotype: ConvolutionalGenotype, { network, batch }: CellsOptions): InferenceGraph {
  return inferenceGraph({ ...network, genotype, auxiliary: false, batch });
}

function compileNetwork(genotype: ConvolutionalGenotype, options: CellsOptions): CompiledModel {
  const { network, batch, foldBatchNorm: fold } = options;
  const inference = networkGraph(genotype, options);
  const bound = bindWeights(inference, freshWeights(inference.weights, openStream(1, 'weights')));
  const { channels, height, width } = network.image;
  return {
    bytes: compileModel(fold ? foldBatchNorm(bound) : bound, { metadata: {} }).bytes,
    inputs: new Map([['images', [batch, channels, height, width]]]),
  };
}
