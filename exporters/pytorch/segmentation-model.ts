// What the PyTorch target needs to know of a segmentation network, described by structure.
import type { PyTorchGenotype, PyTorchNetwork, PyTorchWeight } from './model.js';

export interface PyTorchSegmentationNetwork
  extends Pick<PyTorchNetwork, 'cells' | 'initChannels' | 'classes' | 'image'> {
  /** Image pixels for each pixel of the features. */
  readonly outputStride: number;
  /** Channels of each branch of the head. */
  readonly asppWidth: number;
  /** Distances of its 3x3 convolutions. */
  readonly rates: readonly number[];
  readonly alignment: 'align-corners' | 'half-pixel';
}

/** A segmentation network and its weights, as far as PyTorch code is made of them. */
export interface PyTorchSegmentationModel {
  readonly network: PyTorchSegmentationNetwork;
  readonly genotype: PyTorchGenotype;
  /** Names as in DARTS's definitions behind `backbone.`, and as in torchvision's head. */
  readonly weights: readonly PyTorchWeight[];
  /** What the model says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
}
