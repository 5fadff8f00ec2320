// What a training of segmentation is made of: pictures with masks, and what its backbone begins with.
import type { MaskedData } from '../../../datasets/masks/masked-data.js';
import type { NamedWeights } from '../../deploy/match-weights.js';

export interface SegmentationData extends MaskedData {
  /** Weights that the settings name as `backbone`; fresh ones without them. */
  readonly backbone?: NamedWeights;
}
