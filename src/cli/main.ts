// The command line: collects the commands, and turns whatever goes wrong into a message and an exit code. 0 is done, 1
// means that the answer is no, 2 is wrong usage or input, 3 something that the machine lacks, 130 an interruption.
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { GenonnxError } from '../errors.js';
import { registerBench } from './commands/bench.js';
import { registerCompile } from './commands/compile.js';
import { registerDerive } from './commands/derive.js';
import { registerDoctor } from './commands/doctor.js';
import { registerDraw } from './commands/draw.js';
import { registerInspect } from './commands/inspect.js';
import { registerQuickstart } from './commands/quickstart.js';
import { registerReport } from './commands/report.js';
import { registerSearch } from './commands/search.js';
import { registerTrain } from './commands/train.js';
import { registerValidate } from './commands/validate.js';
import { say } from './output.js';
import { version } from './version.js';

/** In the order of the help. */
const commands = [
  registerQuickstart,
  registerSearch,
  registerDerive,
  registerTrain,
  registerCompile,
  registerInspect,
  registerValidate,
  registerBench,
  registerDraw,
  registerReport,
  registerDoctor,
];

export function createProgram(): Command {
  const program = new Command('genonnx')
    .description(
      'Searches neural architectures with DATA (Ensemble Gumbel-Softmax) and turns genotypes into ONNX models.',
    )
    .version(version)
    .option('--verbose', 'show stack traces of errors')
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for the options)')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  for (const register of commands) register(program);
  return program;
}

/** Runs the command and returns its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (argv.includes('--verbose') && error instanceof Error) say(error.stack ?? error.message);
    else say(`error: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof GenonnxError ? error.exitCode : 3;
  }
}

process.exitCode = await run(process.argv.slice(2));
