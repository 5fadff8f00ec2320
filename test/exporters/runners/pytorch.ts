// Exported PyTorch modules, run where a Python with PyTorch is found: GENONNX_PYTHON, `python3`, or Debian's own. One
// Python serves all cases of a call, since it takes seconds to import PyTorch.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { ExportFile } from '../../../exporters/export-file.js';
import { toPyTorch } from '../../../exporters/pytorch.js';
import { type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../../graphs/safetensors.js';
import { runPython } from '../../support/python.js';
import type { ExportCase, TargetOutputs } from '../export-case.js';

const script = fileURLToPath(new URL('pytorch-run.py', import.meta.url));

const reportSchema = z.object({
  /** By the module as a script. */
  printed: z.string(),
  training: z.boolean(),
  /** Tensors that a saved state dict does not bring back to the last bit. */
  unequalOnReload: z.array(z.string()),
  /** What the module says to files that lack a byte, or a tensor. */
  errors: z.object({ short: z.string(), partial: z.string() }),
  moduleMetadata: z.record(z.string(), z.string()),
  fileMetadata: z.record(z.string(), z.string()),
});

export interface ModuleRun extends z.infer<typeof reportSchema> {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** The state dict, as PyTorch has it after loading. */
  readonly state: ReadonlyMap<string, SafeTensor>;
}

/** What `toPyTorch` makes of a case. */
export function exportedFiles({ network, inference, data, metadata }: ExportCase): ExportFile[] {
  const weights = inference.weights.map(({ name, shape }, i) => ({ name, shape, data: data[i]! }));
  return toPyTorch({ network, genotype: network.genotype, weights, metadata });
}

/** Outputs of one case for `images` f32[N,C,H,W]. */
export async function runPyTorch(model: ExportCase, images: Tensor): Promise<TargetOutputs> {
  const [outputs] = await runPyTorchAll([{ model, images }]);
  return outputs!;
}

/** Outputs of several cases, by one Python. */
export async function runPyTorchAll(
  cases: readonly { readonly model: ExportCase; readonly images: Tensor }[],
): Promise<readonly TargetOutputs[]> {
  const runs = await runModules(cases.map(({ model, images }) => ({ files: exportedFiles(model), images })));
  return 'skipped' in runs ? cases.map(() => runs) : runs.map(({ outputs }) => outputs);
}

/** All that there is to know about exported modules, in the order of `jobs`. */
export async function runModules(
  jobs: readonly { readonly files: readonly ExportFile[]; readonly images: Tensor }[],
): Promise<readonly ModuleRun[] | { readonly skipped: string }> {
  const root = await mkdtemp(join(tmpdir(), 'genonnx-pytorch-'));
  try {
    const folders = jobs.map((_, i) => join(root, String(i)));
    await Promise.all(
      jobs.map(async ({ files, images: { shape, data } }, i) => {
        const folder = folders[i]!;
        await mkdir(folder);
        for (const { path, content } of files) await writeFile(join(folder, path), content);
        const images: SafeTensor = { dtype: 'F32', shape, data: Float32Array.from(data) };
        await writeFile(join(folder, 'images.safetensors'), encodeSafetensors([['images', images]]));
      }),
    );
    const run = await runPython(script, folders, 'PyTorch');
    return 'skipped' in run ? run : await Promise.all(folders.map(readRun));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function readRun(folder: string): Promise<ModuleRun> {
  const read = async (name: string) =>
    decodeSafetensors(await readFile(join(folder, `${name}.safetensors`)), name).tensors;
  const outputs = [...(await read('outputs'))].map(([name, { shape, data }]): [string, Tensor] => [
    name,
    tensor(shape, Array.from(data, Number)),
  ]);
  const report = reportSchema.parse(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')));
  return { ...report, outputs: Object.fromEntries(outputs), state: await read('state') };
}
