// `--genotype`, as `library/genotype.ts` reads it; what has found none yet is gone on with by a command.
import { GenonnxError } from '../errors.js';
import { readConvolutionalGenotype, readGenotype } from '../library/genotype.js';
import { readRunKind } from '../runs/run-kind.js';
import type { ConvolutionalGenotype } from '../spaces/convolutional.js';
import type { AnyGenotype } from '../spaces/kinds.js';

/** What `--help` says of it. */
export const genotypeHelp =
  'a known name, a file (or file.py:NAME), the folder of a search or a training, or the text, of a single cell also as tables have it';

/** The convolutional genotype. @throws as `readConvolutionalGenotype`. */
export function genotypeFrom(argument: string): Promise<ConvolutionalGenotype> {
  return withGenotype(argument, () => readConvolutionalGenotype(argument));
}

/** The genotype, of whichever kind. @throws as `readGenotype`. */
export function anyGenotypeFrom(argument: string): Promise<AnyGenotype> {
  return withGenotype(argument, () => readGenotype(argument));
}

/** Does something with a genotype; where a run has not found one yet, the error says the command that goes on with it. */
export async function withGenotype<T>(argument: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof GenonnxError) || error.code !== 'file-missing') throw error;
    if (error.details.where !== argument) throw error;
    const run = await readRunKind(argument);
    if (run === undefined) throw error;
    const { code, summary, details } = error;
    const cure = `Go on with it: genonnx ${run.kind} --resume ${argument}`;
    throw new GenonnxError(code, summary, { ...details, cure }, { cause: error });
  }
}
