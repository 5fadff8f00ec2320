import { describe, expect, it } from 'vitest';
import { deriveGenotype } from '../../../src/estimators/derive.js';
import { ensembleGumbelSoftmax } from '../../../src/estimators/egs.js';
import { initialAlphas } from '../../../src/estimators/initial-alphas.js';
import { temperatureAt } from '../../../src/estimators/temperature.js';
import { adamStep, initialAdamState } from '../../../src/optimizers/adam.js';
import { openStream } from '../../../src/random.js';
import { codeOfGenotype } from '../../../src/spaces/code.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import type { CellGenotype } from '../../../src/spaces/genotype.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { smallSearch } from '../../../src/tasks/classification/search-settings.js';

/** Steps of a run with the preset on the embedded images: 6 epochs of 93. */
const steps = 6 * 93;

// The loss |code - planted|^2 stands for the network: its gradient tells each entry whether it helps or harms, as a
// trained supernet's does. What the preset's optimizer must show is that it can follow within the steps it has.
describe('the small preset', () => {
  it.each([1, 2, 3])('recovers a planted genotype from its gradients (seed %i)', (seed) => {
    const { samples, scope, parameterisation, normalise, alphas: adam, temperature } = smallSearch;
    const planted = zooEntry('DARTS_V2').genotype;
    const target = codeOfGenotype(planted, DARTS_SPACE);
    const estimator = ensembleGumbelSoftmax(DARTS_SPACE, {
      samples,
      scope,
      parameterisation,
      normalise,
      route: 'all',
    });
    const stream = openStream(seed, 'gumbel');
    let alphas = initialAlphas(DARTS_SPACE, parameterisation, openStream(seed, 'alphas'));
    let state = initialAdamState(alphas.length);
    const schedule = { from: temperature.start, to: temperature.end, epochs: temperature.epochs };
    for (let step = 0; step < steps; step++) {
      const sample = estimator.sample(
        alphas,
        stream,
        temperatureAt(schedule, (step / steps) * temperature.epochs),
      );
      const gradient = sample.pullback(sample.code.map((entry, i) => 2 * (entry - (target[i] ?? 0))));
      const options = { learningRate: adam.learningRate, betas: [adam.beta1, adam.beta2] as const };
      const next = adamStep(options, alphas, gradient, state);
      alphas = next.parameters;
      state = next.state;
    }
    const found = deriveGenotype(alphas, DARTS_SPACE, { samples, scope, parameterisation });
    const inOrder = ({ nodes }: CellGenotype) =>
      nodes.map((node) => node.map(({ primitive, input }) => `${primitive}@${input}`).sort());
    expect(inOrder(found.normal)).toEqual(inOrder(planted.normal));
    expect(inOrder(found.reduce)).toEqual(inOrder(planted.reduce));
  });
});
