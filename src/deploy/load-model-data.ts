// Images as a model saw its own: pictures of files as its metadata says, others as they are; of masks beside them the pictures.
import type { Dataset } from '../../datasets/dataset.js';
import { kindOfData, loadDataset, openMasked } from '../../datasets/index.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import { GenonnxError } from '../errors.js';
import type { SegmentationModel } from '../networks/deeplab/inference.js';
import { isSegmentation } from '../networks/deployed.js';
import { metadataIn, networkIn } from '../networks/metadata.js';
import { dataFactsIn } from './labels.js';
import { picturesInMemory } from './masked-pictures.js';
import { readModelFile } from './model-file.js';

/**
 * A name or a folder of images, in memory, for the model in a file.
 * @throws GenonnxError `file-missing`, `model-corrupt`, and as `loadDataset`: `usage` for pictures and a model that says nothing of them.
 */
export async function loadModelData(data: string, model: string): Promise<Dataset> {
  const metadata = metadataIn(decodeModel(await readModelFile(model), model));
  const segmentation = segmentationIn(metadata);
  if (segmentation !== undefined && (await kindOfData(data)) === 'masks')
    return await picturesOf(data, segmentation);
  const { preprocessing: view } = dataFactsIn(metadata, model);
  return loadDataset(data, view === undefined ? {} : { view });
}

async function picturesOf(data: string, { image }: SegmentationModel): Promise<Dataset> {
  const masked = await openMasked(data);
  try {
    return await picturesInMemory(masked, image);
  } finally {
    await masked.close?.();
  }
}

/** Undefined for another network, and for a stranger's model. */
function segmentationIn(metadata: ReadonlyMap<string, string>): SegmentationModel | undefined {
  try {
    const network = networkIn(metadata, '');
    return isSegmentation(network) ? network : undefined;
  } catch (error) {
    if (error instanceof GenonnxError) return undefined;
    throw error;
  }
}
