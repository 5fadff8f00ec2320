// The command line's program: what each command is, and the one that a line of words names.
import process from 'node:process';
import { Command } from 'commander';
import { version } from '../version.js';
import { showDefaultsPlainly } from './plain-defaults.js';

type Register = (program: Command) => void;

/** In the order of the help. Each is loaded by itself: reading a model does not wait for the data sets or the runtime. */
const commands: ReadonlyMap<string, () => Promise<Register>> = new Map([
  ['quickstart', async () => (await import('./commands/quickstart.js')).registerQuickstart],
  ['search', async () => (await import('./commands/search.js')).registerSearch],
  ['study', async () => (await import('./commands/study.js')).registerStudy],
  ['experiment', async () => (await import('./commands/experiment.js')).registerExperiment],
  ['tabulate', async () => (await import('./commands/tabulate.js')).registerTabulate],
  ['worker', async () => (await import('./commands/worker.js')).registerWorker],
  ['rank', async () => (await import('./commands/rank.js')).registerRank],
  ['derive', async () => (await import('./commands/derive.js')).registerDerive],
  ['train', async () => (await import('./commands/train.js')).registerTrain],
  ['zoo', async () => (await import('./commands/zoo.js')).registerZoo],
  ['compile', async () => (await import('./commands/compile.js')).registerCompile],
  ['quantize', async () => (await import('./commands/quantize.js')).registerQuantize],
  ['inspect', async () => (await import('./commands/inspect.js')).registerInspect],
  ['validate', async () => (await import('./commands/validate.js')).registerValidate],
  ['bench', async () => (await import('./commands/bench.js')).registerBench],
  ['export', async () => (await import('./commands/export.js')).registerExport],
  ['draw', async () => (await import('./commands/draw.js')).registerDraw],
  ['report', async () => (await import('./commands/report.js')).registerReport],
  ['live', async () => (await import('./commands/live.js')).registerLive],
  ['doctor', async () => (await import('./commands/doctor.js')).registerDoctor],
]);

/** The program with the command that `argv` names, or with all of them where it names none (for the help). */
export async function createProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('genonnx')
    .description(
      'Searches neural architectures with DATA (Ensemble Gumbel-Softmax) and turns genotypes into ONNX models.',
    )
    .version(version)
    .option('--verbose', 'show stack traces of errors (with any command)')
    .addHelpText(
      'after',
      `
Examples:
  genonnx quickstart
  genonnx compile --genotype DATA_M7 --out data.onnx
  genonnx validate data.onnx
  genonnx search --help

Exit codes: 0 done, 1 the answer is no, 2 wrong usage or input, 3 the machine lacks something, 130 interrupted.`,
    )
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for the options)')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  const named = commands.get(argv.find((argument) => !argument.startsWith('-')) ?? '');
  const loaded = await Promise.all(
    (named === undefined ? [...commands.values()] : [named]).map((load) => load()),
  );
  for (const register of loaded) register(program);
  showDefaultsPlainly(program);
  return program;
}
