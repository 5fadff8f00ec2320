// Small segmentations for tests.
import type { MaskedData } from '../../datasets/masks/masked-data.js';

/** Two nodes, with each kind of operation that dilates among theirs. */
export const tinyGenotype =
  "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1), ('avg_pool_3x3', 1), ('skip_connect', 2)], normal_concat=[2, 3], reduce=[('max_pool_3x3', 0), ('dil_conv_3x3', 1), ('skip_connect', 1), ('skip_connect', 2)], reduce_concat=[2, 3])";

/** The same data with few test pictures. */
export function fewScenes(data: MaskedData, count: number): MaskedData {
  return { ...data, test: { ...data.test, count } };
}
