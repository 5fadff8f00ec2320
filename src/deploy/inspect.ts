// What a model file on disk holds.
import { readModelFile } from './model-file.js';
import { inspect, type ModelReport } from './model-report.js';

/** @throws GenonnxError `file-missing`, `model-corrupt`. */
export async function inspectModel(path: string): Promise<ModelReport> {
  return inspect(await readModelFile(path), path);
}
