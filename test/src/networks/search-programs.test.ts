import { describe, expect, it } from 'vitest';
import {
  architectureStep,
  evaluation,
  jointStep,
  weightStep,
} from '../../../src/networks/search-programs.js';
import { cifarSearch } from '../../../src/search/config.js';
import { DARTS_SPACE } from '../../../src/spaces/search-space.js';

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
    const { state } = evaluation(network);
    const others = [
      weightStep(network, cifarSearch.weights),
      architectureStep(network, 'all'),
      architectureStep(network, 'active'),
      jointStep(network, cifarSearch.weights, 'all'),
      jointStep(network, cifarSearch.weights, 'active'),
    ];
    for (const step of others) expect(step.state).toEqual(state);
  });

  it('leave out what they do not need: no weight gradients to judge a code, no code gradient to train weights', () => {
    const names = (step: ReturnType<typeof evaluation>) => step.program.graph.outputs.map(({ name }) => name);
    expect(names(architectureStep(network, 'all'))).toContain('gradient.code');
    expect(names(architectureStep(network, 'all'))).not.toContain('theta.next');
    expect(names(weightStep(network, cifarSearch.weights))).not.toContain('gradient.code');
    expect(names(evaluation(network))).toEqual(['loss', 'correct', 'logits']);
    expect(evaluation(network).program.stateOutputs).toEqual({});
  });

  it('take code, forward gates and backward gates as separate inputs', () => {
    const inputs = jointStep(network, cifarSearch.weights, 'all').program.graph.inputs.map(
      ({ path }) => path,
    );
    expect(inputs).toEqual(expect.arrayContaining(['code', 'forwardGates', 'backwardGates']));
  });
});
