// A genotype as a person names one: a name of the zoo, a file (`file.py:NAME` where it holds several), the folder of a run, the
// architecture string of a table's network, or the text itself.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GenonnxError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';
import { readRunKind } from '../runs/run-kind.js';
import { runFiles } from '../runs/run-store.js';
import { isArchitecture, parseArchitecture } from '../spaces/architecture.js';
import type { ConvolutionalGenotype } from '../spaces/convolutional.js';
import { type AnyGenotype, requireConvolutional } from '../spaces/kinds.js';
import { parseAnyGenotype } from '../spaces/parse.js';
import { findZooEntry, ZOO } from '../spaces/zoo.js';

/** What errors call the option. */
const option = '`genotype`';

/** The convolutional genotype. @throws as `readGenotype`, `genotype-kind` for a recurrent one. */
export async function readConvolutionalGenotype(argument: string): Promise<ConvolutionalGenotype> {
  return requireConvolutional(await readGenotype(argument), option);
}

/**
 * The genotype that a name, a path or a text stands for, of whichever kind.
 * @throws GenonnxError with line and column for text that is no genotype; `file-missing`.
 */
export async function readGenotype(argument: string): Promise<AnyGenotype> {
  const known = findZooEntry(argument);
  if (known !== undefined) return known;
  if (isArchitecture(argument)) return { kind: 'one-cell', genotype: parseArchitecture(argument, option) };
  if (/[([{=]/.test(argument)) return parseAnyGenotype(argument, { source: option });
  if (await isFolder(argument)) return await genotypeOfRun(argument);
  const whole = await contentOf(argument);
  if (whole !== undefined) return parseAnyGenotype(whole, { source: argument });
  const [, file, name] = /^(.+):([A-Za-z_]\w*)$/.exec(argument) ?? [];
  const part = file === undefined ? undefined : await contentOf(file);
  if (part !== undefined && file !== undefined && name !== undefined)
    return parseAnyGenotype(part, { name, source: file });
  const names = ZOO.map((entry) => entry.name);
  throw new GenonnxError('file-missing', 'There is no such genotype.', {
    where: option,
    expected: `a file, the folder of a run, the text of a genotype, or one of ${names.join(', ')}`,
    found: argument.slice(0, 80),
    cure: didYouMean(argument, names, 'Check the path and the spelling.'),
  });
}

/** What a search has found, or what a training trains. */
async function genotypeOfRun(folder: string): Promise<AnyGenotype> {
  const file = join(folder, runFiles.genotype);
  const found = await contentOf(file);
  if (found !== undefined) return parseAnyGenotype(found, { source: file });
  const run = await readRunKind(folder);
  if (run === undefined) {
    throw new GenonnxError('file-missing', 'This folder holds no run.', {
      where: folder,
      expected: `${runFiles.genotype} of a search, or ${runFiles.config} of a training`,
      cure: 'Name the folder that the run was begun in.',
    });
  }
  const { kind, settings } = run;
  if (settings.genotype !== undefined)
    return parseAnyGenotype(settings.genotype, { source: join(folder, runFiles.config) });
  throw new GenonnxError('file-missing', 'This run has found no genotype yet.', {
    where: folder,
    expected: runFiles.genotype,
    found: `a ${kind} that is not finished`,
    cure: 'Go on with it until it is finished.',
  });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
