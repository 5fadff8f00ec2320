// `exportModel()`: what the command does. A model of ours, or a finished training, in the form that another runtime takes;
// anybody's classifier as a page.
import { type ExportSource, openExportSource } from '../deploy/export-source.js';
import { openForeignModel } from '../deploy/foreign-model.js';
import { GenonnxError } from '../errors.js';
import { version } from '../version.js';
import {
  type Exported,
  foreignTargets,
  requireKnownOptions,
  requireNoChanges,
  type Target,
  type TargetOptions,
  targets,
} from './export-targets.js';
import { languageTargets } from './language-targets.js';
import { requireOptionsOf } from './network-kinds.js';

/** Where a model goes, and what is made of it on the way. */
export interface ExportOptions extends TargetOptions {
  readonly to: Target;
}

/**
 * The files of a model for another runtime. A model of ours is built again and written anew; anybody's is taken as it is, by
 * the targets that can.
 * @param model An ONNX file, or the folder of a finished training.
 * @throws GenonnxError `file-missing`, `model-corrupt`, `foreign-model`; `usage` for options that the target or the kind of
 * network does not know.
 */
export async function exportModel(model: string, { to, ...options }: ExportOptions): Promise<Exported> {
  requireKnownOptions(to, options);
  let source: ExportSource;
  try {
    source = await openExportSource(model, { toolVersion: version, vocabulary: options.vocabulary });
  } catch (error) {
    if (!(error instanceof GenonnxError) || error.code !== 'foreign-model') throw error;
    const foreign = foreignTargets[to];
    if (foreign === undefined) throw onlyOurs(error, to);
    requireNoChanges(options);
    return await foreign(await openForeignModel(model), options);
  }
  requireOptionsOf(source.kind, options);
  return source.kind === 'convolutional'
    ? await targets[to](source, options)
    : await languageTargets[to](source, options);
}

function onlyOurs({ code, summary, details }: GenonnxError, to: Target): GenonnxError {
  const others = Object.keys(foreignTargets).join(', ');
  const cure = `\`to\` ${to} takes models that genonnx compiled. Anybody's classifier becomes a page: \`to\` ${others}.`;
  return new GenonnxError(code, summary, { ...details, cure });
}
