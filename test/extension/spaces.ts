// Search spaces of the tests alone, which no file of the package names: one with one cell type, and one with three, each with
// inputs, nodes, primitives and rules of its own.
import { searchSpace } from '../../src/spaces/search-space.js';

/** A single input, and one operation a node. */
export const CHAIN = searchSpace({
  name: 'chain',
  cellTypes: [
    {
      name: 'chain',
      title: 'Chain',
      inputs: 1,
      nodes: 4,
      primitives: ['none', 'tanh', 'relu', 'sigmoid', 'identity'],
      derivation: { kept: 1, skip: 'identity', stoppingSkips: 2 },
    },
  ],
});

/** An encoder, a bottleneck without `none`, and a decoder that reads three states. */
export const HOURGLASS = searchSpace({
  name: 'hourglass',
  cellTypes: [
    {
      name: 'encoder',
      title: 'Encoder cell',
      inputs: 2,
      nodes: 3,
      primitives: ['none', 'pool', 'conv', 'skip'],
      derivation: { kept: 2, skip: 'skip' },
    },
    {
      name: 'bottleneck',
      title: 'Bottleneck cell',
      inputs: 1,
      nodes: 1,
      primitives: ['conv', 'dilated'],
      derivation: { kept: 1 },
    },
    {
      name: 'decoder',
      title: 'Decoder cell',
      inputs: 3,
      nodes: 2,
      primitives: ['upsample', 'none', 'conv'],
      derivation: { kept: 3 },
    },
  ],
});
