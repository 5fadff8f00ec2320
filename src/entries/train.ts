// `genonnx/train`: the network of a genotype, trained, scored and as a model, as `genonnx train` makes it: in a folder, or in
// memory; watched and stopped.
export { resumeTraining, type Training, type TrainOptions, train } from '../library/train.js';
export type { Beginning, Watch } from '../library/watch.js';
export type { TrainEpoch } from '../train/train.js';
export type { Results } from '../train/train-run.js';
