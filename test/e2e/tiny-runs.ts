// Runs of a few seconds, for tests that stop them: how they are started, and what they leave.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

export type TinyKind = 'search' | 'train';

// Tiny, but whole: two epochs, augmentation, a validation half, and a checkpoint after every step.
const common =
  '--data fashion-mnist --preset small --limit 160 --batch 8 --channels 4 --threads 1 --checkpoint-seconds 0 --seed 3';
const genotype =
  "Genotype(normal=[('sep_conv_3x3', 0), ('max_pool_3x3', 1)], normal_concat=[2], reduce=[('skip_connect', 0), ('dil_conv_3x3', 1)], reduce_concat=[2])";
/** Without `--out`. */
export const commands = {
  search: ['search', ...`${common} --cells 1 --epochs 2`.split(' ')],
  train: [
    'train',
    '--genotype',
    genotype,
    ...`${common} --cells 3 --epochs 4 --drop-path 0.2 --cutout 6`.split(' '),
  ],
} as const;

/** A training of a language model on a folder of `writeTinyText`, through the switch to averaged SGD; without `--out`. */
export const trainsLanguage = (text: string): readonly string[] => [
  ...['train', '--genotype', "Genotype(recurrent=[('tanh', 0), ('relu', 1)], concat=range(1, 3))"],
  ...['--data', text, '--preset', 'small', '--width', '6', '--batch', '3', '--bptt', '8', '--lr', '25'],
  ...['--patience', '1', '--epochs', '7', '--threads', '1', '--checkpoint-seconds', '0', '--seed', '4'],
];

/** Members of a journal line that say how long something took. */
const times = new Set(['seconds', 'examplesPerSecond', 'hostShare', 'dataWaitShare']);

/** The lines of a journal, but for times. */
function journalOf(folder: string): unknown[] {
  return readFileSync(join(folder, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line, (key, value) => (times.has(key) ? undefined : value)));
}

/** The arrays of the last checkpoint, as bytes: parameters, velocity, statistics and alphas. */
function lastArrays(folder: string): Buffer {
  const { checkpoint } = JSON.parse(readFileSync(join(folder, 'checkpoints', 'last.json'), 'utf8'));
  return readFileSync(join(folder, 'checkpoints', `${checkpoint}.safetensors`));
}

const results = {
  search: ['alphas.json', 'genotype.json'],
  train: ['model.onnx', 'weights.safetensors', 'results.json'],
} as const;

/** Expects that two run folders hold the same run: journal, arrays and results, byte for byte. */
export function expectSameRun(kind: TinyKind, folder: string, reference: string): void {
  expect(journalOf(folder)).toEqual(journalOf(reference));
  expect(lastArrays(folder).equals(lastArrays(reference))).toBe(true);
  for (const file of results[kind])
    expect(readFileSync(join(folder, file)).equals(readFileSync(join(reference, file))), file).toBe(true);
}

/** Whether a run has begun in the folder, so that it is one to resume. */
export function hasBegun(folder: string): boolean {
  return existsSync(join(folder, 'config.json'));
}
