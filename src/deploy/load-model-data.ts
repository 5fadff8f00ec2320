// Images as a model saw its own: pictures of files as its metadata says, others as they are.
import type { Dataset } from '../../datasets/dataset.js';
import { loadDataset } from '../../datasets/index.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import { metadataIn } from '../networks/metadata.js';
import { dataFactsIn } from './labels.js';
import { readModelFile } from './model-file.js';

/**
 * A name or a folder of images, in memory, for the model in a file.
 * @throws GenonnxError `file-missing`, `model-corrupt`, and as `loadDataset`: `usage` for pictures and a model that says nothing of them.
 */
export async function loadModelData(data: string, model: string): Promise<Dataset> {
  const { preprocessing: view } = dataFactsIn(
    metadataIn(decodeModel(await readModelFile(model), model)),
    model,
  );
  return loadDataset(data, view === undefined ? {} : { view });
}
