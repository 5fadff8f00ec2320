// Networks that keep their maps larger than the strides of their cells would have them: reduction cells lose their strides, and
// what follows reads its input at a distance instead (dilation, "atrous" convolution), so that the same weights calculate the same
// features, and further ones between them. With the rate r before a cell that loses its stride, it is 2 r behind it:
//
//   operations on the cell's inputs           rate r; what follows the strided convolution inside of one: rate 2 r
//   operations on its nodes, later cells      rate 2 r
//   FactorizedReduce of what came before it   stride 1, shift r
//
// At every 2^n-th pixel such a network has the features of the one that kept its n strides.
import type { ReductionAttributes } from '../../graphs/ir.js';
import { CELL_INPUTS } from '../spaces/convolutional.js';

/** How an operation, or a cell's operations on its inputs, read a map. */
export interface Sampling {
  /** The stride, or 1 where it was lost. */
  readonly stride: 1 | 2;
  /** The distance of neighbouring pixels of a window, in units of that without rates. */
  readonly rate: number;
  /** The same behind what is strided: twice the rate where the stride was lost. */
  readonly rateAfter: number;
}

/** Without rates. */
export function usualSampling(stride: 1 | 2): Sampling {
  return { stride, rate: 1, rateAfter: 1 };
}

/**
 * How each cell reads its inputs, from the strides that the cells have: those of the last `lost` reductions are taken away.
 * @param strides of each cell.
 */
export function cellSamplings(strides: readonly (1 | 2)[], lost: number): Sampling[] {
  const reductions = strides.filter((stride) => stride === 2).length;
  let [seen, rate] = [0, 1];
  return strides.map((stride): Sampling => {
    if (stride === 1) return { stride, rate, rateAfter: rate };
    seen += 1;
    if (seen <= reductions - lost) return { stride, rate, rateAfter: rate };
    const before = rate;
    rate *= 2;
    return { stride: 1, rate: before, rateAfter: rate };
  });
}

/** How an operation on a state reads it: nodes lie behind what the cell does to its inputs. */
export function operationSampling(cell: Sampling, input: number): Sampling {
  const rate = cell.rateAfter;
  return input < CELL_INPUTS ? cell : { stride: 1, rate, rateAfter: rate };
}

/** Which pixels a FactorizedReduce reads that stands for a strided operation, or that follows a reduction. */
export function reductionAttributes(sampling: Sampling | undefined): ReductionAttributes {
  if (sampling === undefined || (sampling.stride === 2 && sampling.rate === 1)) return {};
  return { stride: sampling.stride, shift: sampling.rate };
}
