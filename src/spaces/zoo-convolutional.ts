// Convolutional genotypes that are known by name, as their authors released them.
import { CELL_INPUTS, type ConvolutionalOperation as Operation } from './convolutional.js';
import type { CellGenotype } from './genotype.js';
import type { ConvolutionalZooEntry } from './zoo.js';

type Pair = readonly [Operation, number];

/** A cell that concatenates all of its nodes. */
function cell(...nodes: readonly (readonly Pair[])[]): CellGenotype<Operation> {
  return {
    nodes: nodes.map((node) => node.map(([primitive, input]) => ({ primitive, input }))),
    concat: nodes.map((_, node) => CELL_INPUTS + node),
  };
}

/** The convolutional genotypes that are known by name. */
// biome-ignore format: one node a line
export const CONVOLUTIONAL_ZOO: readonly ConvolutionalZooEntry[] = [
  {
    name: 'DARTS_V2',
    kind: 'convolutional',
    genotype: {
      normal: cell(
        [['sep_conv_3x3', 0], ['sep_conv_3x3', 1]],
        [['sep_conv_3x3', 0], ['sep_conv_3x3', 1]],
        [['sep_conv_3x3', 1], ['skip_connect', 0]],
        [['skip_connect', 0], ['dil_conv_3x3', 2]],
      ),
      reduce: cell(
        [['max_pool_3x3', 0], ['max_pool_3x3', 1]],
        [['skip_connect', 2], ['max_pool_3x3', 1]],
        [['max_pool_3x3', 0], ['skip_connect', 2]],
        [['skip_connect', 2], ['max_pool_3x3', 1]],
      ),
    },
    source:
      'Liu, Simonyan, Yang, "DARTS: Differentiable Architecture Search", 2019, second order; quark0/darts cnn/genotypes.py',
  },
  {
    name: 'DATA_M4',
    kind: 'convolutional',
    genotype: {
      normal: cell(
        [['skip_connect', 0], ['sep_conv_3x3', 0], ['sep_conv_3x3', 1]],
        [['skip_connect', 2], ['skip_connect', 1], ['sep_conv_3x3', 2]],
        [['sep_conv_5x5', 3], ['skip_connect', 3]],
        [['skip_connect', 0], ['sep_conv_5x5', 1], ['sep_conv_3x3', 2]],
      ),
      reduce: cell(
        [['skip_connect', 1], ['dil_conv_3x3', 1], ['dil_conv_5x5', 1]],
        [['sep_conv_5x5', 0], ['dil_conv_5x5', 2], ['skip_connect', 1]],
        [['max_pool_3x3', 0], ['skip_connect', 2]],
        [['dil_conv_3x3', 1], ['dil_conv_5x5', 1], ['skip_connect', 3]],
      ),
    },
    source:
      'Chang et al., "DATA: Differentiable ArchiTecture Approximation", 2019, M = 4; XinbangZhang/DATA-NAS genotypes.py (Gumbel_model_M4)',
    note: 'As released it has 3.894 M parameters (CIFAR, C = 36, 20 cells), not the 3.24 M of the paper.',
  },
  {
    name: 'DATA_M7',
    kind: 'convolutional',
    genotype: {
      normal: cell(
        [['skip_connect', 0], ['sep_conv_3x3', 0], ['skip_connect', 1], ['sep_conv_3x3', 1]],
        [['skip_connect', 0], ['sep_conv_3x3', 2], ['skip_connect', 1]],
        [['skip_connect', 0], ['dil_conv_3x3', 3], ['skip_connect', 2]],
        [['skip_connect', 1], ['sep_conv_3x3', 2], ['skip_connect', 2]],
      ),
      reduce: cell(
        [['sep_conv_3x3', 0], ['max_pool_3x3', 1], ['skip_connect', 1]],
        [['sep_conv_3x3', 0], ['dil_conv_3x3', 1], ['dil_conv_3x3', 2]],
        [['dil_conv_3x3', 1], ['skip_connect', 2], ['dil_conv_3x3', 2], ['sep_conv_3x3', 2], ['dil_conv_3x3', 3]],
        [['skip_connect', 0], ['sep_conv_3x3', 0]],
      ),
    },
    source:
      'Chang et al., "DATA: Differentiable ArchiTecture Approximation", 2019, M = 7; XinbangZhang/DATA-NAS genotypes.py (Gumbel_model_M7)',
  },
];
