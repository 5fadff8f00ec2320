import { describe, expect, it } from 'vitest';
import { interpret, tensor } from '../../../graphs/interpret/interpret.js';
import { optimizers } from '../../../graphs/optimizers/index.js';
import { operationMask } from '../../../src/estimators/groups.js';
import { initialState } from '../../../src/networks/initial-state.js';
import {
  architectureStep,
  evaluation,
  jointStep,
  searchState,
  weightStep,
} from '../../../src/networks/search-programs.js';
import { openStream } from '../../../src/random.js';
import { convolutionalSpace, DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { cifarSearch } from '../../../src/tasks/classification/search-settings.js';
import { imageSupernet } from '../../../src/tasks/classification/supernet.js';
import { randomValues } from '../estimators/values.js';

const network = {
  space: DARTS_SPACE,
  cells: 3,
  initChannels: 4,
  classes: 10,
  batch: 2,
  image: { channels: 1, height: 8, width: 8 },
};

const sgd = optimizers.sgd(cifarSearch.weights);

describe('the programs of a search', () => {
  it('lay parameters and statistics out alike, since they share one state', () => {
    const { parameters, statistics } = evaluation(imageSupernet(network)).state;
    const others = [
      weightStep(imageSupernet(network), sgd),
      architectureStep(imageSupernet(network), 'all'),
      architectureStep(imageSupernet(network), 'active'),
      jointStep(imageSupernet(network), sgd, 'all'),
      jointStep(imageSupernet(network), sgd, 'active'),
    ];
    for (const { state } of others) expect(state).toMatchObject({ parameters, statistics });
  });

  it('leave out what they do not need: no weight gradients to judge a code, no code gradient to train weights', () => {
    const names = (step: ReturnType<typeof evaluation>) => step.program.graph.outputs.map(({ name }) => name);
    expect(names(architectureStep(imageSupernet(network), 'all'))).toContain('gradient.code');
    expect(names(architectureStep(imageSupernet(network), 'all'))).not.toContain('parameters.next');
    expect(names(weightStep(imageSupernet(network), sgd))).not.toContain('gradient.code');
    expect(names(evaluation(imageSupernet(network)))).toEqual(['loss', 'correct', 'logits']);
    expect(evaluation(imageSupernet(network)).program.stateOutputs).toEqual({});
  });

  it('move running statistics in steps of the alphas, too, unless the supernet freezes them there', () => {
    const images = imageSupernet(network);
    const frozen: typeof images = (training, route) => ({
      ...images(training, route),
      freezesStatistics: true,
    });
    const moved = (step: ReturnType<typeof evaluation>) => Object.values(step.program.stateOutputs);
    expect(moved(architectureStep(images, 'active'))).toEqual(['statistics']);
    expect(moved(architectureStep(frozen, 'active'))).toEqual([]);
    expect(moved(weightStep(frozen, sgd))).toContain('statistics');
  });

  it('share a state that is that of all of them', () => {
    const state = searchState(imageSupernet(network), sgd);
    expect(state).toEqual(weightStep(imageSupernet(network), sgd).state);
  });

  it('take code, forward gates and backward gates as separate inputs', () => {
    const inputs = jointStep(imageSupernet(network), sgd, 'all').program.graph.inputs.map(({ path }) => path);
    expect(inputs).toEqual(expect.arrayContaining(['code', 'forwardGates', 'backwardGates']));
  });

  it('have the stem of the network that is asked for', () => {
    const image = { channels: 3, height: 32, width: 32 };
    const small = convolutionalSpace('small', {
      nodes: 1,
      primitives: ['none', 'skip_connect', 'sep_conv_3x3'],
    });
    const of = (stem: 'cifar' | 'imagenet') =>
      evaluation(imageSupernet({ ...network, space: small, image, stem }));
    const names = (stem: 'cifar' | 'imagenet') => of(stem).state.parameters.map(({ name }) => name);
    expect(names('cifar')).toContain('stem.0.weight');
    expect(names('imagenet')).toEqual(expect.arrayContaining(['stem0.0.weight', 'stem1.1.weight']));
    expect(names('imagenet')).not.toContain('stem.0.weight');
    // The second map of the stem has half the extent of the first, so that the first cell halves the older one.
    expect(names('imagenet')).toContain('cells.0.preprocess0.conv_1.weight');

    const { program, state } = jointStep(
      imageSupernet({ ...network, space: small, image, stem: 'imagenet' }),
      sgd,
      'all',
    );
    const fresh = initialState(state, openStream(1, 'weights'));
    const entries = entryCount(small);
    const open = Float64Array.from(operationMask(small));
    const outputs = interpret(program.graph, {
      images: tensor([2, 3, 32, 32], randomValues(1, 2 * 3 * 32 * 32, 0, 1)),
      labels: tensor([2], Float64Array.of(3, 7)),
      weights: tensor([2], Float64Array.of(0.5, 0.5)),
      code: tensor([entries], new Float64Array(entries).fill(0.5)),
      forwardGates: tensor([entries], open),
      backwardGates: tensor([entries], open),
      learningRate: tensor([1], Float64Array.of(0.1)),
      parameters: tensor(fresh.parameters.shape, fresh.parameters.data),
      velocity: tensor(fresh.parameters.shape, new Float64Array(fresh.parameters.data.length)),
      statistics: tensor(fresh.statistics.shape, fresh.statistics.data),
    });
    expect(outputs.logits?.shape).toEqual([2, 10]);
    expect(Number(outputs.loss?.data[0])).toBeGreaterThan(0);
    const byCode = Float64Array.from(outputs['gradient.code']!.data, Number);
    expect(byCode.map((g) => (g === 0 ? 0 : 1))).toEqual(open);
  });
});
