// The help of every command, as a user reads it.
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.js';
import { GenonnxError } from '../../../src/errors.js';
import { commandsOf } from '../../support/commands.js';

const program = await createProgram([]);
const commands = commandsOf(program);

/** `genonnx bench step` */
function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => 1000 }).outputHelp();
  return text;
}

/** What an option that takes one of several words says of another. */
function wordsOf(parse: Command['options'][number]['parseArg']): string[] {
  try {
    parse?.('no such word', undefined);
  } catch (error) {
    if (error instanceof GenonnxError && error.summary.endsWith('does not know this value.'))
      return error.details.expected?.split(', ') ?? [];
  }
  return [];
}

/** The lines below `Examples:`. */
function examplesOf(command: Command): string[] {
  const [, listed = ''] = /\nExamples?:\n((?: {2}genonnx .*\n?)+)/.exec(helpOf(command)) ?? [];
  return listed.split('\n').filter((line) => line !== '');
}

/** The command that an example calls, below the program. */
function calledBy(words: readonly string[], from: Command = program): Command {
  const [word = '', ...others] = words;
  const below = from.commands.find((command) => command.name() === word);
  return below === undefined ? from : calledBy(others, below);
}

describe('the help of', () => {
  it.each(commands.map((command) => [nameOf(command), command] as const))(
    '%s has no JSON in it, and says of every option what it is',
    (_, command) => {
      const defaults = [...helpOf(command).matchAll(/\(default: ([^)]*)\)/g)].map(([, text]) => text);
      for (const text of defaults) expect(text).not.toMatch(/[{}[\]"]/);
      for (const { flags, description } of command.options) expect(description, flags).not.toBe('');
      for (const argument of command.registeredArguments)
        expect(argument.description, argument.name()).not.toBe('');
    },
  );

  it.each(commands.map((command) => [nameOf(command), command] as const))(
    '%s has examples of it, with options that there are',
    (name, command) => {
      const examples = examplesOf(command);
      expect(examples.some((line) => `${line} `.startsWith(`  ${name} `))).toBe(true);
      for (const line of examples) {
        const words = line.trim().split(/\s+/).slice(1);
        const known = ['--help', ...calledBy(words).options.flatMap(({ long }) => long ?? [])];
        expect(known, line).toEqual(expect.arrayContaining(words.filter((word) => word.startsWith('--'))));
      }
    },
  );

  it.each(commands.map((command) => [nameOf(command), command] as const))(
    '%s names the words that may be chosen',
    (_, command) => {
      for (const { flags, description, parseArg } of command.options)
        for (const word of wordsOf(parseArg)) expect(description, flags).toContain(word);
    },
  );

  it('shows defaults as they are typed', () => {
    const step = helpOf(calledBy(['bench', 'step']));
    expect(step).toMatch(/--image .*\(default: 28x28x1\)/);
    expect(step).toMatch(/--gates .*\(default: node:4\)/);
    expect(helpOf(calledBy(['bench', 'cells']))).toContain('(default: max_pool_3x3,avg_pool_3x3,');
    expect(helpOf(calledBy(['bench']))).toMatch(
      /--provider .*\(default: cpu\)[\s\S]*--batch .*\(default: 1\)/,
    );
    expect(helpOf(calledBy(['compile']))).toMatch(/--precision .*\(default: float32\)/);
  });
});
