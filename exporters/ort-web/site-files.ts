// The part of the folder that is the same for every model: the page and the module, as they lie in `site/`. Whoever reads
// files hands them over; here is which of them belong into the folder.
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

/** @throws GenonnxError `file-missing` for the first that was not given. */
export function placeSite(given: readonly ExportFile[]): ExportFile[] {
  return siteNames.map((name) => {
    const file = given.find(({ path }) => path === name);
    if (file !== undefined) return file;
    throw new GenonnxError('file-missing', 'A file of the page is missing.', {
      expected: name,
      found: given.length === 0 ? 'no files' : given.map(({ path }) => path).join(', '),
      cure: 'Hand over all files of exporters/ort-web/site, as readOrtWebParts does.',
    });
  });
}
