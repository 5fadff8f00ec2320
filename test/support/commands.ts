// All commands of a program.
import type { Command } from 'commander';

/** The program itself, its commands, and theirs. */
export function commandsOf(program: Command): Command[] {
  return [program, ...program.commands.flatMap(commandsOf)];
}
