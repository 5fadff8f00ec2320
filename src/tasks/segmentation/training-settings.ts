// Everything that determines the training of a segmentation, validated.
import { z } from 'zod';
import { ALIGNMENTS, OUTPUT_STRIDES, usualRates } from '../../networks/deeplab/network.js';
import { trainingRecipe } from '../recipes.js';

const positive = z.int().min(1);
const share = z.number().min(0).lt(1);

export const segmentationTrainingSchema = z.object({
  ...trainingRecipe,
  data: z.string().min(1),
  limit: positive.optional(),
  /** Threads that read pictures. */
  workers: z.int().min(0).optional(),
  /** Text form. */
  genotype: z.string().min(1),
  cells: positive,
  channels: positive,
  batch: positive,
  /** Steps in all, which the epochs share out evenly; without it an epoch goes once over the pictures. */
  steps: positive.exactOptional(),
  /** What chance does to a training picture, but for `flip`. */
  augmentation: z.object({
    /** Height and width of what a step sees; evaluations see as much as the largest picture needs. */
    size: positive,
    /** Before the crop a picture is scaled by one of these. */
    scales: z.array(z.number().positive()).min(1),
  }),
  flip: z.boolean(),
  outputStride: z.literal(OUTPUT_STRIDES),
  /** Channels of each branch of the head. */
  asppWidth: positive,
  /** Distances of the pixels that its 3x3 convolutions read. */
  rates: z.tuple([positive, positive, positive]).readonly(),
  alignment: z.enum(ALIGNMENTS),
  dropout: share,
  /** Whether batch norms keep the statistics that they have. */
  freezeNorm: z.boolean(),
  /** A run, or a file of weights, that the backbone begins with; random weights without it. */
  backbone: z.string().min(1).exactOptional(),
  /** Share of the training pictures that are held out to choose the best checkpoint; 0 keeps the last. */
  validationShare: share,
});

export type SegmentationTrainingConfig = z.infer<typeof segmentationTrainingSchema>;
type Preset = Omit<SegmentationTrainingConfig, 'data' | 'seed' | 'threads' | 'genotype'>;

/** DeepLab v3's first stage on VOC, with the decay that its authors have for networks of separable convolutions. */
const voc: Preset = {
  cells: 14,
  channels: 48,
  batch: 16,
  steps: 30_000,
  epochs: 50,
  augmentation: { size: 513, scales: [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] },
  flip: true,
  outputStride: 16,
  asppWidth: 256,
  rates: usualRates(16),
  alignment: 'align-corners',
  dropout: 0.1,
  freezeNorm: false,
  validationShare: 0,
  engine: 'auto',
  layout: 'auto',
  checkpointSeconds: 300,
  schedule: 'poly',
  weights: { optimizer: 'sgd', learningRate: 0.007, finalLearningRate: 0, momentum: 0.9, weightDecay: 4e-5 },
};

const { steps: _, ...stage } = voc;

/** For some hundred small scenes and a few minutes: a small network from random weights, and so a faster start. */
const small: Preset = {
  ...stage,
  cells: 5,
  channels: 8,
  batch: 8,
  epochs: 60,
  augmentation: { size: 65, scales: [0.75, 0.875, 1, 1.125, 1.25] },
  asppWidth: 32,
  rates: [1, 2, 3],
  outputStride: 8,
  validationShare: 0.1,
  checkpointSeconds: 60,
  weights: {
    optimizer: 'sgd',
    learningRate: 0.1,
    finalLearningRate: 0,
    momentum: 0.9,
    weightDecay: 3e-4,
    clipNorm: 5,
  },
};

export const segmentationPresets = { voc, small } as const;
