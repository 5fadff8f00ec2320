// The part of the folder that is the same for every model: the page and the module, as they lie in `site/`, those of language
// models in `language-site/`, those of masks in `mask-site/`. Whoever reads files hands them over; here is which of them belong into the folder.
import { GenonnxError } from '../../graphs/errors.js';
import type { ExportFile } from '../export-file.js';

/** Their names in `site/`, and in the folder. */
export const siteNames: readonly string[] = [
  'index.html',
  'style.css',
  'page.js',
  'classifier.js',
  'classifier.d.ts',
  'onnxruntime/LICENSE',
];

/** What makes pictures ready as the training did it, as it was built from `src/data/`, for models that say so. */
export const preprocessingNames: readonly string[] = [
  'preprocessing/resize.js',
  'preprocessing/pictures/centre-crop.js',
  'preprocessing/pictures/fit.js',
];

/** Of it, what makes pictures smaller for a model that finds masks. */
export const maskPreprocessingNames: readonly string[] = ['preprocessing/resize.js'];

/** What lies in `language-site/`, and goes into the folder of a language model. */
export const ownLanguageSiteNames: readonly string[] = [
  'index.html',
  'language.css',
  'page.js',
  'language-model.js',
  'language-model.d.ts',
  'words.js',
  'words.d.ts',
];

/** What lies in `mask-site/`, and goes into the folder of a model that finds masks. */
export const ownMaskSiteNames: readonly string[] = [
  'index.html',
  'masks.css',
  'page.js',
  'segmenter.js',
  'segmenter.d.ts',
];

/** What all folders have, from `site/`. */
export const commonSiteNames: readonly string[] = ['style.css', 'onnxruntime/LICENSE'];

/** Everything that goes into the folder of a language model. */
export const languageSiteNames: readonly string[] = [...ownLanguageSiteNames, ...commonSiteNames];

/** Everything that goes into the folder of a model that finds masks. */
export const maskSiteNames: readonly string[] = [
  ...ownMaskSiteNames,
  ...commonSiteNames,
  ...maskPreprocessingNames,
];

/** @throws GenonnxError `file-missing` for the first that was not given. */
export function placeSite(given: readonly ExportFile[], names: readonly string[] = siteNames): ExportFile[] {
  return names.map((name) => {
    const file = given.find(({ path }) => path === name);
    if (file !== undefined) return file;
    throw new GenonnxError('file-missing', 'A file of the page is missing.', {
      expected: name,
      found: given.length === 0 ? 'no files' : given.map(({ path }) => path).join(', '),
      cure: 'Hand over all files of the page, as readOrtWebParts, readLanguageWebParts and readMaskWebParts do.',
    });
  });
}
