// The part of the folder that is the same for every model: the page and the module, as they lie in `site/`. They are
// source of this exporter, which is why they are read here, where other files come in from outside.
import { readFileSync } from 'node:fs';
import type { ExportFile } from '../export-file.js';

const names = [
  'index.html',
  'style.css',
  'page.js',
  'classifier.js',
  'classifier.d.ts',
  'onnxruntime/LICENSE',
];

export function siteFiles(): ExportFile[] {
  return names.map((path) => ({
    path,
    content: readFileSync(new URL(`./site/${path}`, import.meta.url), 'utf8'),
  }));
}
