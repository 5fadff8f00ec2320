// The forms of a model that are compared in one table: what may be done to its graph, and what its numbers may be stored
// in. Models of ours are opened and written anew, each form once; a stranger's is measured as it is.
import { join } from 'node:path';
import { toOnnx } from '../../exporters/onnx.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import { openExportSource, prepared } from '../deploy/export-source.js';
import { readModelFile } from '../deploy/model-file.js';
import { metadataIn } from '../deploy/opened-model.js';
import type { Optimization } from '../deploy/optimize.js';
import { writeFileAtomic } from '../runs/atomic.js';
import { asGiven } from './results.js';

export interface Variant {
  readonly name: string;
  readonly file: string;
}

export interface VariantChoice {
  /** None: as the file is. */
  readonly optimizations: readonly Optimization[];
  readonly precisions: readonly Precision[];
}

const optimizationWords: Readonly<Record<Optimization, string>> = {
  none: 'as traced',
  fold: 'folded',
  cpu: 'for processors',
};

/** Whether a file says that it is of ours, so that it can be written in other forms. */
async function isOurs(model: string): Promise<boolean> {
  return metadataIn(decodeModel(await readModelFile(model), model)).has('network');
}

/**
 * The chosen forms of a model; files that are made for it go to `folder`.
 * @throws GenonnxError `file-missing`, `model-corrupt`; `usage` for a model that was optimized already.
 */
export async function variantsOf(
  model: string,
  { optimizations, precisions }: VariantChoice,
  folder: string,
  toolVersion: string,
): Promise<Variant[]> {
  if ((optimizations.length === 0 && precisions.length === 0) || !(await isOurs(model)))
    return [{ name: asGiven, file: model }];
  const source = await openExportSource(model, toolVersion);
  const variants: Variant[] = [];
  for (const optimization of optimizations.length === 0 ? [source.optimization] : optimizations) {
    for (const precision of precisions.length === 0 ? [source.precision] : precisions) {
      const fileName = `${optimization}-${precision}.onnx`;
      const ready = prepared(source, { optimization, precision });
      const { files } = toOnnx(ready.bound, { fileName, metadata: ready.metadata, precision });
      for (const { path, content } of files)
        await writeFileAtomic(join(folder, path === '' ? fileName : path), content);
      const words = precision === 'float32' ? [] : [precision];
      variants.push({
        name: [optimizationWords[optimization], ...words].join(', '),
        file: join(folder, fileName),
      });
    }
  }
  return variants;
}
