// `--labels`, `--mean`, `--std`: what a model is told of its data, for whoever shows its answers.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { parseLabels } from '../deploy/labels.js';
import { asUnreadable } from '../runs/file-errors.js';
import { numberList } from './options.js';

export interface DataFactOptions {
  readonly labels?: string;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

/** Adds the options; `use` is what becomes of them. */
export function addDataFacts(command: Command, use: string): Command {
  return command
    .option('--labels <file>', `names of the classes, one a line; ${use}`)
    .option(
      '--mean <list>',
      `what images are normalised by: the mean of each channel, of intensities from 0 to 1; ${use}`,
      numberList('mean'),
    )
    .option('--std <list>', 'and the standard deviation of each channel', numberList('std'));
}

/** The names in a file. @throws GenonnxError `file-missing`. */
export async function labelsFrom(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw asUnreadable(error, path, 'a file with one label a line');
  });
  return parseLabels(text);
}
