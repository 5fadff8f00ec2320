// The targets of `genonnx export` for language models.
import { basename } from 'node:path';
import type { LanguageSource } from '../deploy/export-source.js';
import { withoutScores } from '../deploy/trained-model.js';
import type { LanguageModels } from '../networks/recurrent/models.js';
import type { Target, TargetOptions, Writer } from './export-targets.js';

export const languageTargets: { readonly [T in Target]?: Writer<LanguageSource> } = {
  onnx: async ({ models, vocabulary, precision: own }, options) => {
    const { languageFiles } = await import('../deploy/language-files.js');
    const { opset, externalData, precision = own } = options;
    return languageFiles(rounded(models, precision), {
      fileName: basename(options.out),
      vocabulary,
      precision,
      ...(opset === undefined ? {} : { opset }),
      ...(externalData === undefined ? {} : { externalData }),
    });
  },
  dot: async ({ network }) => ({ files: (await import('../../exporters/dot.js')).toDot(network.genotype) }),
  svg: async ({ network }) => ({
    files: await (await import('../../exporters/svg.js')).toSvg(network.genotype),
  }),
};

/** The models as they say what they are stored in: nobody has measured what rounded ones answer. */
function rounded(
  { sequence, step }: LanguageModels,
  precision: NonNullable<TargetOptions['precision']>,
): LanguageModels {
  const saying = ({
    metadata: { precision: _, ...metadata },
    ...model
  }: typeof sequence): typeof sequence => ({
    ...model,
    metadata: precision === 'float32' ? metadata : { ...withoutScores(metadata), precision },
  });
  return { sequence: saying(sequence), step: saying(step) };
}
