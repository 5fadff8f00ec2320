// Scores of networks that are not trained, the larger the better.
//
//   synflow        sum over the weights w of w dR/dw, with |w| in their place, R the sum of the outputs for an input of ones
//                  (Tanaka et al., "Pruning neural networks without any data by iteratively conserving synaptic flow", 2020)
//   gradient norm  of the training loss in the weights, on the first batch of a training (Abdelfattah et al., "Zero-Cost Proxies
//                  for Lightweight NAS", 2021)
import { Builder } from '../../../graphs/builder.js';
import { differentiate } from '../../../graphs/differentiate.js';
import { interpret, type Tensor } from '../../../graphs/interpret/interpret.js';
import type { Value } from '../../../graphs/ir.js';
import { sgd } from '../../../graphs/optimizers/sgd.js';
import { fixedShape } from '../../../graphs/shapes.js';
import type { Engine } from '../../engines/engine.js';
import { writeState } from '../../engines/transfer.js';
import { rateFeed } from '../../loop/programs.js';
import type { InferenceGraph } from '../../networks/inference-graph.js';
import { freshWeights, initialState } from '../../networks/initial-state.js';
import { stateLayout } from '../../networks/step.js';
import { openStream } from '../../random.js';
import type { TrainingProblem } from '../../tasks/training-problem.js';

/** Of the network with fresh weights of the seed. Batch norms are those of inference: with fresh statistics they change nothing. */
export function synflow({ graph, weights }: InferenceGraph, seed: number): number {
  const g = Builder.continueFrom(graph);
  const [output] = graph.outputs;
  if (output === undefined) throw new RangeError('a network without an output');
  const axes = output.value.shape.map((_, axis) => axis);
  const sum = g.reduceSum(output.value, axes);
  const trainable = weights.filter((weight) => weight.trainable);
  const gradients = differentiate(
    g,
    sum,
    trainable.map(({ value }) => value),
  );
  const outputs = gradients.map((value, index) => ({ name: `gradient.${index}`, value }));
  const complete = g.build([...graph.outputs, ...outputs]);
  const data = freshWeights(weights, openStream(seed, 'weights'));
  const feeds = new Map<Value, Tensor>();
  for (const [index, { value, trainable: learns }] of weights.entries()) {
    const own = Float64Array.from(data[index] ?? []);
    feeds.set(value, { shape: fixedShape(value.shape, value.path), data: learns ? own.map(Math.abs) : own });
  }
  for (const input of graph.inputs) {
    if (feeds.has(input)) continue;
    const shape = fixedShape(input.shape, input.path);
    feeds.set(input, { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(1) });
  }
  const results = interpret(complete, feeds);
  return trainable.reduce((total, { value }, index) => {
    const gradient = results[`gradient.${index}`]?.data ?? new Float64Array(0);
    const own = feeds.get(value)?.data ?? new Float64Array(0);
    return total + own.reduce((part, weight, at) => part + weight * (gradient[at] ?? 0), 0);
  }, 0);
}

/** On the first batch, with fresh weights of the seed. @throws GenonnxError `diverged`, `engine`. */
export async function gradientNorm(problem: TrainingProblem, engine: Engine, seed: number): Promise<number> {
  const { program, state: slots } = problem.step(sgd({ momentum: 0, weightDecay: 0 }));
  const layout = stateLayout(slots);
  const state = await engine.createState(layout);
  await writeState(state, layout, initialState(slots, openStream(seed, 'weights')));
  const prepared = await engine.prepare(program, state);
  try {
    const batch = await problem.batches(undefined).next(0);
    const fetches = await prepared.run({ ...batch.feeds, ...rateFeed(0, batch) });
    return Number(fetches.gradientNorm?.data[0] ?? Number.NaN);
  } finally {
    await prepared.dispose();
  }
}
