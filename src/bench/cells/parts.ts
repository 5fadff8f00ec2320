// The vocabulary of latency tables: the parts that a network is the sum of, each at one shape.
import { GenonnxError } from '../../errors.js';
import type { NetworkName, NetworkSizes } from '../../networks/evaluation.js';
import type { ConvolutionalOperation } from '../../spaces/convolutional.js';

/** Which network a genotype is built as. */
export interface CellsNetwork extends NetworkSizes {
  readonly name: NetworkName;
}

export const partKinds = ['primitive', 'relu', 'preprocess', 'concat', 'stem', 'head', 'call'] as const;
export type PartKind = (typeof partKinds)[number];

/** How the inputs of a cell get its channels. */
export type Preprocessing = 'relu_conv_bn' | 'factorized_reduce';

/**
 * One part at one shape. `channels`, `height` and `width` are those of a map that it reads, f32[N,channels,height,width];
 * `outputs` are the channels of what it yields. A concatenation reads outputs / channels maps of that shape.
 */
export interface Part {
  readonly part: PartKind;
  /** The primitive's name, the kind of preprocessing, or the part's own name. */
  readonly operation: string;
  readonly channels: number;
  readonly outputs: number;
  readonly height: number;
  readonly width: number;
  readonly stride: 1 | 2;
}

/** Parts are the same where this is. */
export function partKey({ part, operation, channels, outputs, height, width, stride }: Part): string {
  return `${part} ${operation} ${channels}->${outputs} ${height}x${width}/${stride}`;
}

export interface PartCount {
  readonly part: Part;
  /** How often it occurs; negative where another part brings too many additions with it. */
  readonly count: number;
}

/** Which primitives end in a convolution, which adds to another operation's result while it writes its own. */
const endsInConvolution: Readonly<Record<ConvolutionalOperation, boolean>> = {
  max_pool_3x3: false,
  avg_pool_3x3: false,
  skip_connect: false,
  sep_conv_3x3: true,
  sep_conv_5x5: true,
  sep_conv_7x7: true,
  dil_conv_3x3: true,
  dil_conv_5x5: true,
  conv_7x1_1x7: true,
};

/** Whether the cost of the operation has an addition in it. */
export function addsApart(operation: ConvolutionalOperation): boolean {
  return !endsInConvolution[operation];
}

/** The part of an operation on an edge. Of `skip_connect` at stride 1 there is only its addition. */
export function operationPart(
  operation: ConvolutionalOperation,
  { channels, height, width }: Extent,
  stride: 1 | 2,
): Part {
  return { part: 'primitive', operation, channels, outputs: channels, height, width, stride };
}

/** What adding two maps of a shape costs. */
export function additionPart(extent: Extent): Part {
  return operationPart('skip_connect', extent, 1);
}

/** Reading images and handing out logits: what a run costs beside its operations. */
export const callPart = ({ image, classes }: NetworkSizes): Part => ({
  part: 'call',
  operation: 'call',
  channels: image.channels,
  outputs: classes,
  height: image.height,
  width: image.width,
  stride: 1,
});

export interface Extent {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The shape of a part's result. */
export function resultExtent({ outputs, height, width, stride }: Part): Extent {
  return { channels: outputs, height: height / stride, width: width / stride };
}

/** @throws GenonnxError `usage`. */
export function missingPart(part: Part, known: number): GenonnxError {
  return new GenonnxError('usage', 'The latency table has no entry for a part of this network.', {
    where: partKey(part),
    expected: `one of the table's ${known} entries`,
    found: 'a part that was not measured',
    cure: 'Measure a table with bench cells, of the same sizes, with `primitives` that hold this operation.',
  });
}
