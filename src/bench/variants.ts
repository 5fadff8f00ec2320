// The forms of a model that are compared in one table: what may be done to its graph, and what its numbers may be stored
// in. Models of ours are opened and written anew, each form once; a stranger's is measured as it is.
import { join } from 'node:path';
import type { Dataset } from '../../datasets/dataset.js';
import { toOnnx } from '../../exporters/onnx.js';
import { PRECISIONS, type Precision } from '../../graphs/onnx/emitter.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import { openExportSource, prepared, requireImageSource } from '../deploy/export-source.js';
import { readModelFile } from '../deploy/model-file.js';
import type { Optimization } from '../deploy/optimize.js';
import type { QuantizationForm } from '../deploy/quantize/quantize-model.js';
import type { ImageNetwork } from '../networks/deployed.js';
import { metadataIn } from '../networks/metadata.js';
import { writeFileAtomic } from '../runs/atomic.js';
import { noiseImages } from './noise-images.js';
import { asGiven } from './results.js';

export interface Variant {
  readonly name: string;
  readonly file: string;
}

export interface VariantChoice {
  /** None: as the file is. */
  readonly optimizations: readonly Optimization[];
  /** None: as the file is. */
  readonly precisions: readonly BenchPrecision[];
  /** Calibrates `int8`, and says how accurate it and `int8-dynamic` are; noise calibrates where there is none. */
  readonly dataset?: Dataset | undefined;
}

export const benchPrecisions = [...PRECISIONS, 'int8', 'int8-dynamic'] as const;
/** `int8`: static, with ranges found on images; `int8-dynamic`: found while the model runs (docs/quantize.md). */
export type BenchPrecision = (typeof benchPrecisions)[number];

const quantized: { readonly [P in Exclude<BenchPrecision, Precision>]: QuantizationForm } = {
  int8: 'static',
  'int8-dynamic': 'dynamic',
};

const optimizationWords: Readonly<Record<Optimization, string>> = {
  none: 'as traced',
  fold: 'folded',
  cpu: 'for processors',
};

/** Whether a file says that it is of ours and has its weights, so that it can be written in other forms. */
async function isOurs(model: string): Promise<boolean> {
  const metadata = metadataIn(decodeModel(await readModelFile(model), model));
  return metadata.has('network') && metadata.get('precision') !== 'int8';
}

/**
 * The chosen forms of a model; files that are made for it go to `folder`. An 8-bit form is one, whatever the optimization:
 * it has its own.
 * @throws GenonnxError `file-missing`, `model-corrupt`; `usage` for a model that was optimized already, or that does not take the images.
 */
export async function variantsOf(
  model: string,
  { optimizations, precisions, dataset }: VariantChoice,
  folder: string,
  toolVersion: string,
): Promise<Variant[]> {
  if ((optimizations.length === 0 && precisions.length === 0) || !(await isOurs(model)))
    return [{ name: asGiven, file: model }];
  const source = requireImageSource(await openExportSource(model, { toolVersion }));
  const variants: Variant[] = [];
  const ofFloat = precisions.filter((precision) => isFloat(precision));
  for (const optimization of optimizations.length === 0 ? [source.optimization] : optimizations) {
    for (const precision of precisions.length === 0 ? [source.precision] : ofFloat) {
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
  for (const precision of precisions)
    if (!isFloat(precision))
      variants.push(await quantizedVariant(model, precision, dataset ?? source.network, folder));
  return variants;
}

function isFloat(precision: BenchPrecision): precision is Precision {
  return precision === 'float32' || precision === 'float16';
}

async function quantizedVariant(
  model: string,
  precision: Exclude<BenchPrecision, Precision>,
  images: Dataset | ImageNetwork,
  folder: string,
): Promise<Variant> {
  const { quantizeDefaults, quantizeModel } = await import('../deploy/quantize/quantize-model.js');
  const form = quantized[precision];
  const judged = 'train' in images;
  const dataset = judged ? images : noiseImages(images);
  const { bytes } = await quantizeModel({
    ...quantizeDefaults,
    model,
    form,
    dataset,
    judged,
    evenIfSlower: true,
  });
  const file = join(folder, `${precision}.onnx`);
  await writeFileAtomic(file, bytes);
  const noise = form === 'static' && !judged ? ' (on noise)' : '';
  return { name: `int8, ${form}${noise}`, file };
}
