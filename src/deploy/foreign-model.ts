// Anybody's model, as it is: nothing is known of its network, but it can be shipped to another runtime.
import { basename } from 'node:path';
import { metadataIn } from '../networks/metadata.js';
import { type DataFacts, dataFactsIn } from './labels.js';
import { readWholeModel, wholeModelBytes } from './model-file.js';
import { reportOf } from './model-report.js';

export interface ForeignModel {
  /** After its file. */
  readonly name: string;
  /** With the weights that lay beside the file. */
  readonly bytes: Uint8Array;
  /** What the model says of itself, and what could be counted in it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly facts: DataFacts;
}

/** @throws GenonnxError `file-missing`, `model-corrupt`. */
export async function openForeignModel(path: string): Promise<ForeignModel> {
  const model = await readWholeModel(path);
  const own = metadataIn(model);
  const { parameters, macs } = reportOf(model, 0);
  const counted = Object.entries({ parameters, macs }).flatMap(([name, figure]) =>
    figure === null ? [] : [[name, String(figure)] as const],
  );
  return {
    name: basename(path, '.onnx'),
    bytes: await wholeModelBytes(path, model),
    metadata: Object.fromEntries([...counted, ...own]),
    facts: dataFactsIn(own, path),
  };
}
