// The files that an exported page is made of, beside its model: the page and the module, which lie with their exporter, what
// makes pictures ready, which was built for this package, and the parts of onnxruntime-web, which lie in its package.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExportFile } from '../../exporters/export-file.js';
import { type OrtWebProvider, ortWebRuntimeFiles } from '../../exporters/ort-web/runtime.js';
import {
  commonSiteNames,
  maskPreprocessingNames,
  ownLanguageSiteNames,
  ownMaskSiteNames,
  preprocessingNames,
  siteNames,
} from '../../exporters/ort-web/site-files.js';
import type { OrtWebOptions } from '../../exporters/ort-web.js';
import type { LanguageWebOptions } from '../../exporters/ort-web-language.js';
import type { MaskWebOptions } from '../../exporters/ort-web-masks.js';
import { builtFile } from '../built-file.js';
import { asUnreadable } from '../runs/file-errors.js';

/** What `toOrtWeb` and `onnxToOrtWeb` want besides the model. @throws GenonnxError `file-missing`. */
export async function readOrtWebParts(
  providers?: readonly OrtWebProvider[],
): Promise<Pick<OrtWebOptions, 'site' | 'runtime'>> {
  return {
    site: [...(await filesIn(folderOf('site'), siteNames)), ...(await preprocessingFiles())],
    runtime: await filesIn(runtimeFolder(), ortWebRuntimeFiles(providers)),
  };
}

/** What `toLanguageWeb` wants besides the model and its words. @throws GenonnxError `file-missing`. */
export async function readLanguageWebParts(): Promise<Pick<LanguageWebOptions, 'site' | 'runtime'>> {
  return {
    site: [
      ...(await filesIn(folderOf('language-site'), ownLanguageSiteNames)),
      ...(await filesIn(folderOf('site'), commonSiteNames)),
    ],
    runtime: await filesIn(runtimeFolder(), ortWebRuntimeFiles(['wasm'])),
  };
}

/** What `toMaskWeb` wants besides the model and what is said of it. @throws GenonnxError `file-missing`. */
export async function readMaskWebParts(
  providers?: readonly OrtWebProvider[],
): Promise<Pick<MaskWebOptions, 'site' | 'runtime'>> {
  return {
    site: [
      ...(await filesIn(folderOf('mask-site'), ownMaskSiteNames)),
      ...(await filesIn(folderOf('site'), commonSiteNames)),
      ...(await preprocessingFiles(maskPreprocessingNames)),
    ],
    runtime: await filesIn(runtimeFolder(), ortWebRuntimeFiles(providers)),
  };
}

/** The files of onnxruntime-web, and their licence where it belongs in a folder. @throws GenonnxError `file-missing`. */
export async function readRuntimeFiles(
  providers: readonly OrtWebProvider[],
): Promise<Pick<OrtWebOptions, 'runtime'> & { readonly licence: ExportFile }> {
  const path = 'onnxruntime/LICENSE';
  return {
    runtime: await filesIn(runtimeFolder(), ortWebRuntimeFiles(providers)),
    licence: { path, content: await partAt(join(folderOf('site'), path)) },
  };
}

function folderOf(site: string): string {
  return fileURLToPath(new URL(`../../exporters/ort-web/${site}`, import.meta.url));
}

function runtimeFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
}

/** They lie in `src/data/` as in the folder, and import nothing but each other. */
async function preprocessingFiles(
  names: readonly string[] = preprocessingNames,
): Promise<{ path: string; content: Uint8Array }[]> {
  return await Promise.all(
    names.map(async (path) => {
      const file = builtFile(import.meta.url, path.replace('preprocessing/', '../data/'));
      return { path, content: await partAt(file) };
    }),
  );
}

function filesIn(folder: string, names: readonly string[]): Promise<{ path: string; content: Uint8Array }[]> {
  return Promise.all(names.map(async (path) => ({ path, content: await partAt(join(folder, path)) })));
}

function partAt(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => {
    throw asUnreadable(error, file, 'a part of an exported page');
  });
}
