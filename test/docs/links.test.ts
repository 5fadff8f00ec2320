// What the documents point at: files of the repository, by links and by paths, and commands with their options.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { commandsOf } from '../support/commands.js';
import { repository } from '../support/package.js';

/** Every folder at the top that has sources or documents. */
const rooms = ['bin', 'datasets', 'docs', 'examples', 'exporters', 'graphs', 'src', 'test'];
/** Of code spans: what begins with such a folder and has no gaps in it. */
const ofRepository = new RegExp(`^(?:${rooms.join('|')})/[\\w./-]+$`);

const documents = [
  ...readdirSync(repository),
  ...rooms.flatMap((room) =>
    readdirSync(join(repository, room), { encoding: 'utf8', recursive: true }).map(
      (path) => `${room}/${path}`,
    ),
  ),
].filter((path) => path.endsWith('.md') && !path.includes('node_modules/'));

/** Made by a command beside it. */
const made: ReadonlySet<string> = new Set(['docs/api/site/', 'docs/api/site/index.html']);

/** The files and folders that a document names; links are relative to it, paths in code to the repository. */
function pathsIn(document: string): string[] {
  const text = readFileSync(join(repository, document), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map(([, path = '']) =>
    join(dirname(document), path),
  );
  return [...links, ...pathsOf(text)];
}

/** Those in code. */
function pathsOf(text: string): string[] {
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  const typed = [...text.matchAll(/^(?: {4}|\t).*$/gm)].flatMap(([line]) => line.trim().split(/\s+/));
  return [...spans, ...typed].filter((path) => ofRepository.test(path));
}

/** The lines of `genonnx` in a document, continued ones joined, without comments and what a pipe does with them. */
function commandLinesIn(document: string): string[] {
  const text = readFileSync(join(repository, document), 'utf8').replaceAll(/\\\n\s*/g, ' ');
  return [...text.matchAll(/(?:^|\s|`)(?:npx )?genonnx ((?:[a-z][a-z-]*)(?: [^`\n#|>]*)?)/gm)].map(
    ([, line = '']) => line.trim(),
  );
}

describe.each(documents)('%s', (document) => {
  it('names files that are there', () => {
    const missing = pathsIn(document).filter(
      (path) => !made.has(path) && !existsSync(join(repository, path)),
    );
    expect(missing).toEqual([]);
  });
});

describe('CONTRIBUTING.md', () => {
  it('names tables and types that are declared in the file beside them', () => {
    const text = readFileSync(join(repository, 'CONTRIBUTING.md'), 'utf8');
    const recipes = text.slice(text.indexOf('## What to touch'));
    const sources = [...new Set(pathsOf(recipes))]
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(repository, path), 'utf8'))
      .join('\n');
    const names = [...recipes.matchAll(/`([A-Za-z]\w*)`/g)].map(([, name = '']) => name);
    const unknown = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources));
    expect(unknown).toEqual([]);
    expect(names.length).toBeGreaterThan(30);
  });
});

describe('the commands in the documents', () => {
  it('are there, with their options', async () => {
    const program = await createProgram([]);
    const commands = new Map(
      commandsOf(program).map((command) => [
        command.parent === program || command.parent === null
          ? command.name()
          : `${command.parent.name()} ${command.name()}`,
        command,
      ]),
    );
    const lines = documents.flatMap((document) =>
      commandLinesIn(document).map((line) => ({ document, line })),
    );
    const wrong = lines.flatMap(({ document, line }) => {
      const [first = '', second = ''] = line.split(/\s+/);
      const command = commands.get(`${first} ${second}`) ?? commands.get(first);
      const flags = [...line.matchAll(/(?<=^|\s)--[a-z][\w-]*/g)].map(([flag]) => flag);
      if (command === undefined) return flags.length > 0 ? [`${document}: genonnx ${first}`] : [];
      const known = new Set(['--help', '--verbose', ...command.options.map(({ long }) => long)]);
      return flags
        .filter((flag) => !known.has(flag))
        .map((flag) => `${document}: genonnx ${command.name()} ${flag}`);
    });
    expect(wrong).toEqual([]);
    expect(lines.length).toBeGreaterThan(40);
  });
});
