// Segmentation networks that are exported: every primitive at each output stride, both alignments, odd and even maps.
import type { Tensor } from '../../graphs/interpret/interpret.js';
import { type SegmentationModel, segmentationInference } from '../../src/networks/deeplab/inference.js';
import { type ConvolutionalGenotype, PRIMITIVES } from '../../src/spaces/convolutional.js';
import { caseImages, caseOf, type ExportCase } from './export-case.js';

export interface SegmentationPart extends Omit<ExportCase, 'network'> {
  readonly name: string;
  readonly network: SegmentationModel;
  readonly images: Tensor;
}

/** Every primitive on an input of the cell and on a node. */
const primitives = PRIMITIVES.filter((name) => name !== 'none');
const everything = {
  nodes: [
    primitives.map((primitive, i) => ({ primitive, input: i % 2 })),
    primitives.map((primitive) => ({ primitive, input: 2 })),
  ],
  concat: [2, 3],
};
const genotype: ConvolutionalGenotype = { normal: everything, reduce: everything };

function part(name: string, change: Partial<SegmentationModel>): SegmentationPart {
  const network: SegmentationModel = {
    name: 'deeplab',
    genotype,
    cells: 3,
    initChannels: 4,
    classes: 5,
    image: { channels: 3, height: 41, width: 50 },
    outputStride: 16,
    asppWidth: 6,
    rates: [1, 2, 3],
    alignment: 'align-corners',
    batch: 'batch',
    ...change,
  };
  const images = caseImages({ network }, 2);
  return { name, network, images, ...caseOf(network, segmentationInference(network)) };
}

export const segmentationParts: readonly SegmentationPart[] = [
  part('output stride 8, odd maps', { outputStride: 8 }),
  part('output stride 16, half-pixel, rates beyond the map', { alignment: 'half-pixel', rates: [6, 12, 18] }),
  part('output stride 32, even maps', { outputStride: 32, image: { channels: 3, height: 32, width: 64 } }),
];
