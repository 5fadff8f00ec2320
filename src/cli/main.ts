// The command line: collects the commands, and turns whatever goes wrong into a message and an exit code. 0 is done, 1
// means that the answer is no, 2 is wrong usage or input, 3 something that the machine lacks, 130 an interruption.
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { GenonnxError } from '../errors.js';
import { version } from '../version.js';
import { withFlags } from './option-flags.js';
import { say } from './output.js';

type Register = (program: Command) => void;

/** In the order of the help. Each is loaded by itself: reading a model does not wait for the data sets or the runtime. */
const commands: ReadonlyMap<string, () => Promise<Register>> = new Map([
  ['quickstart', async () => (await import('./commands/quickstart.js')).registerQuickstart],
  ['search', async () => (await import('./commands/search.js')).registerSearch],
  ['study', async () => (await import('./commands/study.js')).registerStudy],
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
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for the options)')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  const named = commands.get(argv.find((argument) => !argument.startsWith('-')) ?? '');
  const loaded = await Promise.all(
    (named === undefined ? [...commands.values()] : [named]).map((load) => load()),
  );
  for (const register of loaded) register(program);
  return program;
}

/** Runs the command and returns its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    // It may stand anywhere, before the command or behind it.
    const words = argv.filter((argument) => argument !== '--verbose');
    const program = await createProgram(words);
    await program.parseAsync(words, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const message = error instanceof Error ? error.message : String(error);
    const isVerbose = argv.includes('--verbose') && error instanceof Error;
    say(withFlags(isVerbose ? (error.stack ?? message) : `error: ${message}`));
    return error instanceof GenonnxError ? error.exitCode : 3;
  }
}

// Whoever reads our output may have seen enough, as `head` has: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
// Words that nobody reads any more are no reason to give a run up.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv.slice(2));
