import { describe, expect, it } from 'vitest';
import {
  architectureStep,
  evaluation,
  jointStep,
  weightStep,
} from '../../../src/networks/search-programs.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { cifarSearch } from '../../../src/tasks/classification/search-settings.js';
import { imageSupernet } from '../../../src/tasks/classification/supernet.js';

const network = {
  space: DARTS_SPACE,
  cells: 3,
  initChannels: 4,
  classes: 10,
  batch: 2,
  image: { channels: 1, height: 8, width: 8 },
};

describe('the programs of a search', () => {
  it('lay parameters and statistics out alike, since they share one state', () => {
    const { state } = evaluation(imageSupernet(network));
    const others = [
      weightStep(imageSupernet(network), cifarSearch.weights),
      architectureStep(imageSupernet(network), 'all'),
      architectureStep(imageSupernet(network), 'active'),
      jointStep(imageSupernet(network), cifarSearch.weights, 'all'),
      jointStep(imageSupernet(network), cifarSearch.weights, 'active'),
    ];
    for (const step of others) expect(step.state).toEqual(state);
  });

  it('leave out what they do not need: no weight gradients to judge a code, no code gradient to train weights', () => {
    const names = (step: ReturnType<typeof evaluation>) => step.program.graph.outputs.map(({ name }) => name);
    expect(names(architectureStep(imageSupernet(network), 'all'))).toContain('gradient.code');
    expect(names(architectureStep(imageSupernet(network), 'all'))).not.toContain('theta.next');
    expect(names(weightStep(imageSupernet(network), cifarSearch.weights))).not.toContain('gradient.code');
    expect(names(evaluation(imageSupernet(network)))).toEqual(['loss', 'correct', 'logits']);
    expect(evaluation(imageSupernet(network)).program.stateOutputs).toEqual({});
  });

  it('take code, forward gates and backward gates as separate inputs', () => {
    const inputs = jointStep(imageSupernet(network), cifarSearch.weights, 'all').program.graph.inputs.map(
      ({ path }) => path,
    );
    expect(inputs).toEqual(expect.arrayContaining(['code', 'forwardGates', 'backwardGates']));
  });
});
