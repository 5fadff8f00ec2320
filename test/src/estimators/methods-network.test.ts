// Every method's samples on the step programs that the table names for them: of each entry whose operation runs, dL/dcode
// is what the program that runs everything says.

import { describe, expect, it } from 'vitest';
import { interpret, type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import type { Sample } from '../../../src/estimators/estimator.js';
import { operationMask } from '../../../src/estimators/groups.js';
import { METHOD_TABLE, METHODS, resolveOptions, routeOf } from '../../../src/estimators/methods.js';
import { initialState } from '../../../src/networks/initial-state.js';
import { architectureStep } from '../../../src/networks/search-programs.js';
import { openStream } from '../../../src/random.js';
import { convolutionalSpace } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { imageSupernet } from '../../../src/tasks/classification/supernet.js';
import { expectClose } from '../../support/supernet-step.js';
import { randomValues } from './values.js';

const SPACE = convolutionalSpace('small', {
  nodes: 2,
  primitives: ['none', 'avg_pool_3x3', 'skip_connect', 'dil_conv_3x3'],
});
const SIZE = entryCount(SPACE);
const BATCH = 2;
const network = {
  space: SPACE,
  cells: 3,
  initChannels: 2,
  classes: 3,
  batch: BATCH,
  image: { channels: 1, height: 8, width: 8 },
};
const steps = {
  all: architectureStep(imageSupernet(network), 'all'),
  active: architectureStep(imageSupernet(network), 'active'),
};
const fresh = initialState(steps.all.state, openStream(1, 'weights'));

function codeGradient(route: 'all' | 'active', { code, forwardGates, backwardGates }: Sample): Float64Array {
  const entries = (values: Iterable<number>): Tensor => tensor([SIZE], Float64Array.from(values));
  const outputs = interpret(steps[route].program.graph, {
    images: tensor([BATCH, 1, 8, 8], randomValues(10, BATCH * 64, 0, 1)),
    labels: tensor([BATCH], Float64Array.of(0, 2)),
    weights: tensor([BATCH], new Float64Array(BATCH).fill(1 / BATCH)),
    code: entries(code),
    forwardGates: entries(forwardGates),
    backwardGates: entries(backwardGates),
    parameters: tensor(fresh.parameters.shape, fresh.parameters.data),
    statistics: tensor(fresh.statistics.shape, fresh.statistics.data),
  });
  return Float64Array.from(outputs['gradient.code']!.data, Number);
}

describe.each(METHODS)('the samples of %s', (name) => {
  it('get the derivative of every entry that runs', () => {
    const options = resolveOptions(name);
    const estimator = METHOD_TABLE[name].create(SPACE, 'architecture', options);
    const sample = estimator.sample(randomValues(4, SIZE, 0, 1), openStream(3, 'gumbel'), 1);
    const exact = codeGradient('all', { ...sample, forwardGates: operationMask(SPACE) });
    const open = sample.forwardGates;
    expectClose(
      'gradient.code',
      codeGradient(routeOf('architecture', options), sample),
      exact.map((g, entry) => g * open[entry]!),
      1e-10,
    );
    for (const [entry, gate] of open.entries()) if (gate === 1) expect(exact[entry]).not.toBe(0);
  });
});
