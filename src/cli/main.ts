// The command line: runs the command, and turns whatever goes wrong into a message and an exit code. 0 is done, 1
// means that the answer is no, 2 is wrong usage or input, 3 something that the machine lacks, 130 an interruption.
import process from 'node:process';
import { CommanderError } from 'commander';
import { GenonnxError } from '../errors.js';
import { withFlags } from './option-flags.js';
import { say } from './output.js';
import { createProgram } from './program.js';

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
    if (error instanceof GenonnxError) return error.exitCode;
    if (!isVerbose) say('(add --verbose for where it arose)');
    return 3;
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
