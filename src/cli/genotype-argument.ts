// `--genotype`: a name of the zoo, a file (`file.py:NAME` where it holds several), or the text itself.
import { readFile } from 'node:fs/promises';
import { GenonnxError } from '../errors.js';
import type { Genotype } from '../spaces/genotype.js';
import { parseGenotype } from '../spaces/parse.js';
import { ZOO } from '../spaces/zoo.js';

/** @throws GenonnxError with line and column for text that is no genotype; `file-missing`. */
export async function genotypeFrom(argument: string): Promise<Genotype> {
  const known = ZOO.find(({ name }) => name.toLowerCase() === argument.toLowerCase());
  if (known !== undefined) return known.genotype;
  if (/[([{=]/.test(argument)) return parseGenotype(argument, { source: '--genotype' });
  const whole = await contentOf(argument);
  if (whole !== undefined) return parseGenotype(whole, { source: argument });
  const [, file, name] = /^(.+):([A-Za-z_]\w*)$/.exec(argument) ?? [];
  const part = file === undefined ? undefined : await contentOf(file);
  if (part !== undefined && file !== undefined && name !== undefined)
    return parseGenotype(part, { name, source: file });
  throw new GenonnxError('file-missing', 'There is no such genotype.', {
    where: '--genotype',
    expected: `a file, the text of a genotype, or one of ${ZOO.map(({ name: zooName }) => zooName).join(', ')}`,
    found: argument.slice(0, 80),
    cure: 'Check the path and the spelling.',
  });
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
