// Exported language models, run where a Python with PyTorch is found. One Python serves all cases of a call.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { ExportFile } from '../../../exporters/export-file.js';
import { toPyTorchLanguage } from '../../../exporters/pytorch.js';
import { type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import { decodeSafetensors, encodeSafetensors } from '../../../graphs/safetensors.js';
import { tiedWeights } from '../../../src/deploy/language-weights.js';
import { freshFolder } from '../../e2e/command.js';
import { type LanguageModelCase, languageExport } from '../../support/language-models.js';
import { runPython } from '../../support/python.js';
import { bytesOf } from '../../support/static-server.js';

const script = fileURLToPath(new URL('pytorch-language-run.py', import.meta.url));

const reportSchema = z.object({
  printed: z.string(),
  training: z.boolean(),
  beginsWithZeros: z.boolean(),
  parameters: z.record(z.string(), z.array(z.number())),
  state: z.array(z.string()),
  errors: z.object({ partial: z.string(), untied: z.string() }),
  moduleMetadata: z.record(z.string(), z.string()),
});

export interface LanguageRun {
  readonly report: z.infer<typeof reportSchema>;
  /** `logits` and `present`; the same of a text in two halves, `halves.*`. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** What `torch.save` makes of the state dict. */
  readonly checkpoint: Uint8Array;
}

/** What `toPyTorchLanguage` makes of a case. */
export function languageModuleFiles(
  each: LanguageModelCase,
  further: Readonly<Record<string, string>> = {},
): ExportFile[] {
  const { model, weights } = each;
  const { metadata } = languageExport('sequence', each);
  return toPyTorchLanguage({
    network: model,
    genotype: model.genotype,
    weights: [...tiedWeights(weights)].map(([name, { shape, data }]) => ({ name, shape, data })),
    metadata: { ...metadata, ...further },
  });
}

/** All that there is to know about exported modules, in the order of the cases. */
export async function runLanguageModules(
  cases: readonly LanguageModelCase[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<readonly LanguageRun[] | { readonly skipped: string }> {
  const root = freshFolder();
  const folders = cases.map((each, i) => {
    const folder = join(root, String(i));
    mkdirSync(folder);
    for (const { path, content } of languageModuleFiles(each, metadata))
      writeFileSync(join(folder, path), bytesOf(content));
    const { tokens, past } = each;
    writeFileSync(
      join(folder, 'inputs.safetensors'),
      encodeSafetensors([
        ['input_ids', { dtype: 'I64', shape: tokens.shape, data: BigInt64Array.from(tokens.data, BigInt) }],
        ['past', { dtype: 'F32', shape: past.shape, data: Float32Array.from(past.data) }],
      ]),
    );
    return folder;
  });
  const run = await runPython(script, folders, 'PyTorch');
  if ('skipped' in run) return run;
  return folders.map((folder) => {
    const { tensors } = decodeSafetensors(readFileSync(join(folder, 'outputs.safetensors')), folder);
    return {
      report: reportSchema.parse(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))),
      outputs: new Map(
        [...tensors].map(([name, { shape, data }]) => [name, tensor(shape, Array.from(data, Number))]),
      ),
      checkpoint: readFileSync(join(folder, 'state.pt')),
    };
  });
}
