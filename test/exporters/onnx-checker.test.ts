// The strict checks of ONNX's own tools, where a Python has them: the model checker with types and shapes, and what
// converters stumble over (values without shapes, unused initializers, names that are not unique).
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type OnnxFileOptions, toOnnx } from '../../exporters/onnx.js';
import { foldBatchNorm } from '../../graphs/passes/fold-batch-norm.js';
import { optimizeGraph } from '../../src/deploy/optimize.js';
import { LANGUAGE_FORMS } from '../../src/networks/recurrent/inference.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { freshFolder } from '../e2e/command.js';
import { languageExport } from '../support/language-models.js';
import { runPython } from '../support/python.js';
import { bytesOf } from '../support/static-server.js';
import { exportCase } from './export-case.js';
import { parts } from './proofs.js';
import { segmentationParts } from './segmentation-parts.js';

const script = fileURLToPath(new URL('runners/onnx-check.py', import.meta.url));
const data = exportCase(zooEntry('DATA_M7').genotype);
const folded = { ...data, bound: foldBatchNorm(data.bound) };
/** Releases of `onnx` from 2022 know opset 17 and nothing after it. */
const opset = 17;

/** Both models of a language model whose nodes have several operations. */
const languageModels = LANGUAGE_FORMS.map((form) => languageExport(form));

function written(
  model: Pick<typeof data, 'bound' | 'metadata'>,
  options: Partial<OnnxFileOptions> = {},
): string {
  const path = join(freshFolder(), 'model.onnx');
  const { files } = toOnnx(model.bound, {
    fileName: 'model.onnx',
    metadata: model.metadata,
    opset,
    ...options,
  });
  for (const file of files)
    writeFileSync(file.path === '' ? path : join(dirname(path), file.path), bytesOf(file.content));
  return path;
}

describe('ONNX’s own checker', () => {
  it('finds every form of a model sound', async (context) => {
    const models = [
      ...parts.map(({ model }) => written(model)),
      ...segmentationParts.map((model) => written(model)),
      ...segmentationParts.map((model) => written(model, { precision: 'float16' })),
      ...segmentationParts.map((model) => written({ ...model, bound: optimizeGraph(model.bound, 'cpu') })),
      written(folded),
      written(folded, { precision: 'float16' }),
      written(data, { precision: 'float16' }),
      written(data, { externalData: 'always' }),
      ...languageModels.map((model) => written(model)),
      ...languageModels.map((model) => written(model, { precision: 'float16' })),
    ];
    const run = await runPython(script, models, 'onnx');
    if ('skipped' in run) return context.skip(run.skipped);
    expect(run.stdout.trim().split('\n')).toEqual(models.map(() => 'sound'));
  });

  it('finds fault with a model that has one', async (context) => {
    const path = join(freshFolder(), 'model.onnx');
    writeFileSync(
      path,
      bytesOf(toOnnx(data.bound, { fileName: 'm', metadata: {}, opset }).files[0]!.content).subarray(0, 900),
    );
    const run = await runPython(script, [path], 'onnx');
    if ('skipped' in run) return context.skip(run.skipped);
    expect(run.stdout.trim()).not.toBe('sound');
  });
});
