// `exportLab()`: what `export --to lab` does. A static site on which searches and trainings run in the browser: the built page and its
// worker, onnxruntime-web, the embedded images. Nothing in it needs another host.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { embeddedFolder, packageRoot } from '../../datasets/package-root.js';
import type { ExportFile } from '../../exporters/export-file.js';
import { isolatingFiles } from '../../exporters/lab/isolating-files.js';
import { providersFile } from '../../exporters/lab/providers-file.js';
import { labReadme } from '../../exporters/lab/readme.js';
import { placeRuntime } from '../../exporters/ort-web/runtime.js';
import { readRuntimeFiles } from '../deploy/ort-web-parts.js';
import { GenonnxError } from '../errors.js';
import { sampleFiles, samplePath } from '../lab/sample-data.js';
import { asUnreadable, systemCode } from '../runs/file-errors.js';
import { EMBEDDED_DATA } from '../tasks/classification/presets.js';
import type { Exported } from './export-targets.js';

/** What a site brings. */
export interface LabOptions {
  /** Whether the files for WebGPU are in it, which are larger than those for WASM. Default: true. */
  readonly webgpu?: boolean | undefined;
}

/**
 * The files of a site on which networks are searched and trained in the browser. It takes no model.
 * @throws GenonnxError `file-missing` where the package is not whole.
 */
export async function exportLab({ webgpu = true }: LabOptions = {}): Promise<Exported> {
  const providers = webgpu ? (['wasm', 'webgpu'] as const) : (['wasm'] as const);
  const [page, data, { runtime, licence }] = await Promise.all([
    pageFiles(join(packageRoot(), 'dist', 'pages', 'lab')),
    dataFiles(),
    readRuntimeFiles(providers),
  ]);
  const files = [
    { path: 'README.md', content: labReadme(webgpu) },
    ...page,
    ...data,
    ...isolatingFiles,
    ...placeRuntime(providers, runtime),
    providersFile(providers),
    licence,
  ];
  return { files, notes: ['README.md says how to serve it with several threads'] };
}

async function pageFiles(folder: string): Promise<ExportFile[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return await Promise.all(
      entries
        .filter((entry) => entry.isFile())
        .map(async ({ parentPath, name }) => {
          const path = join(parentPath, name);
          return { path: relative(folder, path).split(sep).join('/'), content: await readFile(path) };
        }),
    );
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new GenonnxError('file-missing', 'The page of the lab is not built.', {
      where: folder,
      cure: 'Build the package again: npm run build.',
    });
  }
}

async function dataFiles(): Promise<ExportFile[]> {
  const folder = embeddedFolder(EMBEDDED_DATA);
  return await Promise.all(
    sampleFiles.map(async (name) => {
      const path = join(folder, name);
      try {
        return { path: samplePath(name), content: await readFile(path) };
      } catch (error) {
        throw asUnreadable(error, path, 'a file of the embedded images');
      }
    }),
  );
}
