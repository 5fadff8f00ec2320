// The library speaks of its options by their names, in backticks; the command turns them into flags (`src/cli/option-flags.ts`).
// So no text outside of `src/cli/` may hold a flag of the command.
import { describe, expect, it } from 'vitest';
import { withFlags } from '../src/cli/option-flags.js';
import { createProgram } from '../src/cli/program.js';
import { styleSheet } from '../src/report/style.js';
import { commandsOf } from './support/commands.js';
import { readSources, type SourceFile } from './support/sources.js';
import { textsOf } from './support/texts.js';

interface Allowance {
  /** A file, or a folder with a slash behind it. */
  readonly where: string;
  readonly flags: readonly string[];
  readonly because: string;
}

const allowed: readonly Allowance[] = [
  {
    where: 'src/report/',
    flags: [...styleSheet.matchAll(/--[a-z][\w-]*(?=:)/g)].map(([name]) => name),
    because: 'variables of the style sheet',
  },
  {
    where: 'src/study/stages.ts',
    flags: ['--resume'],
    because: 'the command lines of the runs that a study goes on with',
  },
  {
    where: 'src/study/run-arguments.ts',
    flags: ['--genotype', '--out', '--x'],
    because: 'the command lines of the runs that a study starts',
  },
  {
    where: 'exporters/lab/readme.ts',
    flags: ['--resume', '--out'],
    because: 'for whoever takes a run from the browser to the command',
  },
  {
    where: 'src/queue/make-run.ts',
    flags: ['--out', '--resume'],
    because: 'the command lines of the runs that a worker makes',
  },
  {
    where: 'src/library/queued-rows.ts',
    flags: ['--declaration', '--rows'],
    because: 'a command line of a part of a table',
  },
  { where: 'src/library/queued-runs.ts', flags: ['--data'], because: 'a command line of such a run' },
  {
    where: 'src/table/study/search-command.ts',
    flags: ['--out', '--resume', '--x'],
    because: 'the command lines of the searches of a study on a table',
  },
  { where: 'src/study/child-process.ts', flags: ['--import'], because: "Node's" },
  { where: 'src/engines/release-memory.ts', flags: ['--expose-gc'], because: "V8's" },
  {
    where: 'src/engines/tfjs/load.ts',
    flags: ['--build-addon-from-source'],
    because: "of npm's, for the install script of @tensorflow/tfjs-node",
  },
  {
    where: 'src/bench/machine-texts.ts',
    flags: ['--query-gpu', '--format'],
    because: "nvidia-smi's",
  },
  {
    where: 'src/bench/web/chromium.ts',
    flags: [
      '--headless',
      '--disable-gpu',
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter',
      '--ignore-gpu-blocklist',
      '--enable-features',
      '--use-angle',
      '--disable-vulkan-surface',
    ],
    because: "Chromium's",
  },
];

interface Found {
  readonly file: string;
  readonly line: number;
  readonly flag: string;
}

/** `--name`, also where the name is an expression, wherever a word may begin. */
function flagsOf(source: string): Omit<Found, 'file'>[] {
  return textsOf(source).flatMap(({ text, line }) =>
    [...text.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([flag]) => ({ flag, line })),
  );
}

const files = readSources().filter(({ file }) => !file.startsWith('src/cli/'));

const found: readonly Found[] = files.flatMap(({ file, source }) =>
  flagsOf(source).map((one) => ({ file, ...one })),
);

const covers = ({ where, flags }: Allowance, { file, flag }: Found): boolean =>
  (where.endsWith('/') ? file.startsWith(where) : file === where) && flags.includes(flag);

describe('flags of the command', () => {
  it('stand in no text outside of src/cli', () => {
    const others = found.filter((one) => !allowed.some((allowance) => covers(allowance, one)));
    expect(others.map(({ file, line, flag }) => `${file}:${line} ${flag}`)).toEqual([]);
  });

  it.each(allowed)('are not to be confused with $because, in $where', (allowance) => {
    const { flags, where } = allowance;
    const idle = flags.filter((flag) => !found.some((one) => one.flag === flag && covers(allowance, one)));
    expect(idle, where).toEqual([]);
  });

  it('are found in strings and templates, and not in comments, types or expressions', () => {
    const source = [
      '// --comment',
      "const a: string = 'Pass --string.';",
      `const b = \`--\${a}, or --template \${\`--inner\`}\`; /* --block */`,
      'let n = 1;',
      'const c = --n - (--n), d = /--pattern/;',
      "const e = 'a--b, ---, cells.0--';",
    ].join('\n');
    expect(flagsOf(source)).toEqual([
      { flag: '--string', line: 2 },
      { flag: '--x', line: 3 },
      { flag: '--template', line: 3 },
      { flag: '--inner', line: 3 },
    ]);
  });
});

describe('names of options in the library', () => {
  /** What is written into exports has other things in backticks; `none` is a primitive. */
  const namesOf = ({ file, source }: SourceFile): string[] =>
    file.startsWith('exporters/ort-web/readme') ||
    file.startsWith('exporters/lab/readme') ||
    file.startsWith('exporters/pytorch/')
      ? []
      : textsOf(source)
          .flatMap(({ text }) => [...text.matchAll(/`[\w.]+`/g)].map(([name]) => name))
          .filter((name) => !/`none`|[`.]x`/.test(name));

  it('become flags that a command has', async () => {
    const names = new Set(files.flatMap(namesOf));
    const flags = new Set(
      commandsOf(await createProgram([])).flatMap(({ options }) => options.map(({ long }) => long)),
    );
    expect(names.size).toBeGreaterThan(30);
    expect([...names].filter((name) => !flags.has(withFlags(name)))).toEqual([]);
  });
});
