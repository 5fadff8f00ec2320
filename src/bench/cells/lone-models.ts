// What is run to learn what a part costs inside of a network: small models of which the latencies are combined linearly.
// Parts go in; for each of them a recipe comes out, and the models that the recipes need.
//
// An operation that runs alone has costs that it has not inside of a network: the call, its map's way in and out, the
// conversion to the layout of the convolutions and back. They cancel out in the difference of two models, with and without
// five operations, each on a map of its own that a convolution made, the results added up. Each model is written as
//
//   maps(C, H, W)   m = sum of 5 maps              the maps alone, with 4 additions
//   twice           ... m + the 5 maps once more   9 additions
//   primitive       sum of op(map)                 4 additions, which convolutions take up
//
// so that, in T for the latency of a model and `a` for an addition,
//
//   a         = (T(twice) - T(maps)) / 5
//   operation = (T(primitive) - T(maps) + 4 a + (a behind what is no convolution)) / 5
//
// The `a` that is added there is that of the operation's own addition: what an edge costs in a cell. No two operations may
// do the same to one map, because a runtime computes such a thing once.
//
// A part alone (T(primitive) by itself) is measured too, and `bench cells` reports how well either predicts whole networks.
import type { BoundGraph } from '../../../graphs/bound-graph.js';
import { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import { foldBatchNorm } from '../../../graphs/passes/fold-batch-norm.js';
import { prune } from '../../../graphs/passes/prune.js';
import { compileModel } from '../../deploy/compile-model.js';
import { GenonnxError } from '../../errors.js';
import { cifarStem } from '../../networks/cifar.js';
import { type Features, featuresOf } from '../../networks/features.js';
import { imagenetStem } from '../../networks/imagenet.js';
import { freshWeights } from '../../networks/initial-state.js';
import { convolution, factorizedReduce, linear, reluConvNorm } from '../../networks/layers.js';
import type { NormMode } from '../../networks/norm.js';
import { primitiveRows } from '../../networks/operations/index.js';
import { openStream } from '../../random.js';
import { type ConvolutionalOperation, isPrimitive } from '../../spaces/convolutional.js';
import { addsApart, type Extent, type Part, partKey, resultExtent } from './parts.js';

/** A model with float32 inputs and one output. */
export interface LoneModel {
  readonly name: string;
  readonly trace: (tracer: Tracer) => Value;
}

export interface Tracer {
  readonly g: Builder;
  /** A fed map f32[N,C,H,W]. */
  input(extent: Extent): Value;
}

/** A sum of latencies, each times a number. */
export type Combination = readonly (readonly [factor: number, model: LoneModel])[];

export interface Recipe {
  readonly part: Part;
  /** What the part costs inside of a network. */
  readonly cost: Combination;
  /** The part as a model of its own; null where there is no such thing. */
  readonly alone: LoneModel | null;
}

/** Operations in the model with many of them. */
const copies = 5;
/** Cell outputs in the model of a concatenation: each of them is the sum of maps that no other has. */
const outputCopies = 3;

const mode: NormMode = { training: false, affine: true };

/** @throws GenonnxError `usage` for a part that nobody knows how to make. */
export function recipeOf(part: Part): Recipe {
  switch (part.part) {
    case 'primitive':
      return primitiveRecipe(part);
    case 'relu':
      return reluRecipe(part);
    case 'preprocess':
      return preprocessRecipe(part);
    case 'concat':
      return concatRecipe(part);
    case 'stem':
      return stemRecipe(part);
    case 'head':
      return headRecipe(part);
    case 'call':
      return { part, cost: [[1, callModel(part)]], alone: null };
  }
}

/** The models of recipes, each once, by their names. */
export function modelsOf(recipes: readonly Recipe[]): Map<string, LoneModel> {
  const models = recipes.flatMap(({ cost, alone }) => [
    ...cost.map(([, model]) => model),
    ...(alone === null ? [] : [alone]),
  ]);
  return new Map(models.map((model) => [model.name, model]));
}

function primitiveRecipe(part: Part): Recipe {
  const operation = operationOf(part);
  const { stride } = part;
  const { build, isIdentity } = primitiveRows[operation];
  if (isIdentity(stride)) {
    const alone: LoneModel = {
      name: `alone ${partKey(part)}`,
      trace: ({ g, input }) => g.add(input(part), input(part)),
    };
    return { part, cost: addition(part), alone };
  }
  const apply = (g: Builder, x: Features, copy: number): Value =>
    g.within(`copy${copy}`, () =>
      build(g, x, { ...mode, name: `copies.${copy}`, stride, normPooling: false }),
    );
  const many: LoneModel = {
    name: `many ${partKey(part)}`,
    trace: (tracer) => {
      const { g } = tracer;
      return addUp(
        g,
        // A map is its own ReLU.
        maps(tracer, part).map((map, i) => apply(g, { raw: map, relu: map }, i)),
      );
    },
  };
  const alone: LoneModel = {
    name: `alone ${partKey(part)}`,
    trace: ({ g, input }) => apply(g, featuresOf(g, input(part)), 0),
  };
  const own = addsApart(operation) ? scaled(1 / copies, addition(resultExtent(part))) : [];
  const difference: Combination = [
    [1 / copies, many],
    [-1 / copies, mapsModel(part)],
  ];
  return { part, cost: [...difference, ...scaled((copies - 1) / copies, addition(part)), ...own], alone };
}

/** The ReLU of sums: of a map that a convolution made it would be a part of that. */
function reluRecipe(part: Part): Recipe {
  const model: LoneModel = {
    name: `many ${partKey(part)}`,
    trace: (tracer) => {
      const { g } = tracer;
      const made = maps(tracer, part);
      return addUp(
        g,
        made.map((map, i) => g.relu(g.add(map, made[(i + 1) % copies] ?? map))),
      );
    },
  };
  const alone: LoneModel = { name: `alone ${partKey(part)}`, trace: ({ g, input }) => g.relu(input(part)) };
  return {
    part,
    cost: [
      [1 / copies, model],
      [-1 / copies, twiceModel(part)],
    ],
    alone,
  };
}

/** Each copy has weights of its own and reads the same map, which comes from outside as that of a concatenation would. */
function preprocessRecipe(part: Part): Recipe {
  const cost = preprocessCost(part);
  const [, single] = cost[1] ?? [];
  return { part, cost, alone: single ?? null };
}

function preprocessCost(part: Part): Combination {
  const reduces = part.operation === 'factorized_reduce';
  const model = (count: number): LoneModel => ({
    name: `${count} of ${partKey(part)}`,
    trace: ({ g, input }) => {
      const x = featuresOf(g, input(part));
      const layer = reduces ? factorizedReduce : reluConvNorm;
      return addUp(
        g,
        series(count, (i) => g.within(`copy${i}`, () => layer(g, x, `copies.${i}`, part.outputs, mode))),
      );
    },
  });
  const difference: Combination = [
    [1 / (copies - 1), model(copies)],
    [-1 / (copies - 1), model(1)],
  ];
  return reduces ? [...difference, ...scaled(-1, addition(resultExtent(part)))] : difference;
}

/**
 * Sums of maps, as nodes have them, side by side, with the ReLU that the next cells read and whatever conversion of the
 * layout this takes. The convolution that then reads it is subtracted again:
 *
 *   T(3 outputs) - T(maps) = 3 (inputs a + concatenation + convolution) - 4 a
 */
function concatRecipe(part: Part): Recipe {
  const inputs = part.outputs / part.channels;
  const preprocess: Part = {
    ...part,
    part: 'preprocess',
    operation: 'relu_conv_bn',
    channels: part.outputs,
    outputs: part.channels,
  };
  const model: LoneModel = {
    name: `many ${partKey(part)}`,
    trace: (tracer) => {
      const { g } = tracer;
      const sums = sumsOf(g, maps(tracer, part), inputs * outputCopies);
      return addUp(
        g,
        series(outputCopies, (i) =>
          g.within(`copy${i}`, () => {
            const output = g.concat(sums.slice(i * inputs, (i + 1) * inputs), 1);
            return reluConvNorm(g, featuresOf(g, output), `copies.${i}`, part.channels, mode);
          }),
        ),
      );
    },
  };
  const alone: LoneModel = {
    name: `alone ${partKey(part)}`,
    trace: ({ g, input }) =>
      g.relu(
        g.concat(
          series(inputs, () => input(part)),
          1,
        ),
      ),
  };
  return {
    part,
    cost: [
      [1 / outputCopies, model],
      [-1 / outputCopies, mapsModel(part)],
      ...scaled((copies - 1) / outputCopies - inputs, addition(part)),
      ...scaled(-1, preprocessCost(preprocess)),
    ],
    alone,
  };
}

/** So many different sums of two maps or more. */
function sumsOf(g: Builder, values: readonly Value[], count: number): Value[] {
  const sums: Value[] = [];
  // A sum with the one before it differs from all sums of fewer maps.
  let layer = values;
  while (sums.length < count) {
    const next = layer.flatMap((left, i) => values.slice(i + 1).map((right) => g.add(left, right)));
    sums.push(...next);
    layer = next;
  }
  return sums.slice(0, count);
}

function stemRecipe(part: Part): Recipe {
  const isCifar = part.operation === 'cifar';
  const initChannels = isCifar ? part.outputs / 3 : part.outputs;
  const model = (count: number): LoneModel => ({
    name: `${count} of ${partKey(part)}`,
    // Weights are named alike, and so the same: each copy has images of its own.
    trace: ({ g, input }) => {
      const stem = isCifar ? cifarStem : imagenetStem;
      return addUp(
        g,
        series(count, () => stem(g, input(part), initChannels, mode)[1]),
      );
    },
  });
  return {
    part,
    cost: [
      [1 / (copies - 1), model(copies)],
      [-1 / (copies - 1), model(1)],
    ],
    alone: model(1),
  };
}

function headRecipe(part: Part): Recipe {
  const model = (count: number): LoneModel => ({
    name: `${count} of ${partKey(part)}`,
    trace: ({ g, input }) =>
      addUp(
        g,
        series(count, (i) =>
          g.within(`copy${i}`, () =>
            linear(g, g.globalAveragePool(input(part)), `copies.${i}`, part.outputs),
          ),
        ),
      ),
  });
  return {
    part,
    cost: [
      [1 / (copies - 1), model(copies)],
      [-1 / (copies - 1), model(1)],
    ],
    alone: model(1),
  };
}

/** Next to nothing is computed: what a run takes beside its operations. */
function callModel(part: Part): LoneModel {
  return {
    name: partKey(part),
    trace: ({ g, input }) => linear(g, g.globalAveragePool(input(part)), 'call', part.outputs),
  };
}

/** Maps as a cell has them: made by 1x1 convolutions, in their layout, with a ReLU, so that these take up no addition. */
function maps({ g, input }: Tracer, extent: Extent): Value[] {
  const x = input(extent);
  return series(copies, (i) =>
    g.within(`map${i}`, () =>
      g.relu(convolution(g, x, { name: `maps.${i}`, outputs: extent.channels, kernel: 1 })),
    ),
  );
}

function mapsModel(extent: Extent): LoneModel {
  return { name: `maps ${extentName(extent)}`, trace: (tracer) => addUp(tracer.g, maps(tracer, extent)) };
}

function twiceModel(extent: Extent): LoneModel {
  return {
    name: `twice ${extentName(extent)}`,
    trace: (tracer) => {
      const made = maps(tracer, extent);
      return addUp(tracer.g, [...made, ...made]);
    },
  };
}

/** What one addition of two maps costs. */
function addition(extent: Extent): Combination {
  return [
    [1 / copies, twiceModel(extent)],
    [-1 / copies, mapsModel(extent)],
  ];
}

function scaled(factor: number, combination: Combination): Combination {
  return combination.map(([own, model]) => [factor * own, model]);
}

function extentName({ channels, height, width }: Extent): string {
  return `${channels}@${height}x${width}`;
}

function addUp(g: Builder, terms: readonly Value[]): Value {
  return terms.reduce((sum, term) => g.add(sum, term));
}

function series<T>(length: number, at: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => at(index));
}

function operationOf({ operation }: Part): ConvolutionalOperation {
  if (isPrimitive(operation) && operation !== 'none') return operation;
  throw new GenonnxError('usage', 'There is no such primitive.', { found: operation });
}

export interface CompiledModel {
  readonly bytes: Uint8Array;
  /** Shapes of its inputs, by their names. */
  readonly inputs: ReadonlyMap<string, readonly number[]>;
}

/** The ONNX model, with random weights. */
export function compileLoneModel(
  model: LoneModel,
  { batch, fold }: { readonly batch: number; readonly fold: boolean },
): CompiledModel {
  const { bound, inputs } = traceLoneModel(model, batch);
  const named = withUniqueNames(fold ? foldBatchNorm(bound) : bound);
  return { bytes: compileModel(named, { metadata: {} }).bytes, inputs };
}

/** The model as a graph with random weights, its batch norms not folded. */
export function traceLoneModel(
  { trace }: LoneModel,
  batch: number,
): { readonly bound: BoundGraph; readonly inputs: CompiledModel['inputs'] } {
  const g = new Builder();
  const inputs = new Map<string, readonly number[]>();
  const input = ({ channels, height, width }: Extent): Value => {
    const [name, shape] = [`input${inputs.size}`, [batch, channels, height, width]];
    inputs.set(name, shape);
    return g.input(name, shape);
  };
  const y = trace({ g, input });
  const slots = (['parameters', 'statistics'] as const).flatMap((kind) => {
    const values = g.slotInputs(kind);
    return g.slots(kind).map((slot, i) => ({ slot, value: values[i] }));
  });
  const data = freshWeights(
    slots.map(({ slot }) => slot),
    openStream(1, 'lone-models'),
  );
  const weights = slots.flatMap(({ slot, value }, i) => {
    const values = data[i];
    return value === undefined || values === undefined
      ? []
      : [[value, { name: slot.name, data: values }] as const];
  });
  return { bound: { graph: prune(g.build([{ name: 'y', value: y }])), weights: new Map(weights) }, inputs };
}

/** Folding makes a weight of its own for each reader of a shared one, and calls them alike. */
function withUniqueNames({ graph, weights }: BoundGraph): BoundGraph {
  const renamed = [...weights].map(
    ([value, weight], i) => [value, { ...weight, name: `${i}.${weight.name}` }] as const,
  );
  return { graph, weights: new Map(renamed) };
}
