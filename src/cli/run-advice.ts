// What to type next, where a command was given the folder of a run that has not what it needs.
import { GenonnxError } from '../errors.js';
import { readRunKind } from '../runs/run-kind.js';

/** Does something with a finished training; where there is none in the folder, the error says the command that makes one. */
export async function withTraining<T>(folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof GenonnxError) || error.code !== 'file-missing') throw error;
    if (error.details.where !== folder) throw error;
    const run = await readRunKind(folder).catch(() => undefined);
    if (run === undefined) throw error;
    const cure =
      run.kind === 'search'
        ? `Train what it has found: genonnx train --genotype ${folder} --data ${run.settings.data ?? '<data>'} --out <folder>`
        : `Go on with it: genonnx train --resume ${folder}`;
    const { summary, code, details } = error;
    throw new GenonnxError(code, summary, { ...details, cure }, { cause: error });
  }
}
