// `genonnx draw`: a genotype's cells as drawings.
import type { Command } from 'commander';
import { GenonnxError } from '../../errors.js';
import { writeFileAtomic } from '../../runs/atomic.js';
import { CONVOLUTIONAL_FORM, type ConvolutionalCell } from '../../spaces/convolutional.js';
import type { CellGenotype } from '../../spaces/genotype.js';
import { genotypeFrom, genotypeHelp } from '../genotype-argument.js';
import { oneOf } from '../options.js';
import { print, printJson } from '../output.js';
import { makeFolders, requireNewFile } from '../output-file.js';

const cellNames = CONVOLUTIONAL_FORM.cellTypes.map(({ name }) => name);

interface DrawOptions {
  readonly genotype: string;
  readonly cell: ConvolutionalCell | 'both';
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function registerDraw(program: Command): void {
  program
    .command('draw')
    .description('draw the cells of a genotype, as SVG or as Graphviz text')
    .requiredOption('--genotype <name|file|folder|text>', `the genotype: ${genotypeHelp}`)
    .requiredOption('--out <file>', 'where it goes: .svg or .dot')
    .option(
      '--cell <type>',
      `${cellNames.join(', ')}, or both, in files of their own: ${cellNames.map((name) => `cell-${name}.svg`).join(' and ')} for cell.svg`,
      oneOf('cell', [...cellNames, 'both']),
      cellNames[0],
    )
    .option('--force', 'overwrite an existing file')
    .option('--json', 'print the files as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  genonnx draw --genotype DATA_M7 --out normal.svg\n  genonnx draw --genotype DATA_M7 --cell both --out cell.dot',
    )
    .action(async ({ genotype: argument, cell, out, force, json }: DrawOptions) => {
      const { stem, extension, render } = formatOf(out);
      const files = (cell === 'both' ? cellNames : [cell]).map((type) => ({
        type,
        path: cell === 'both' ? `${stem}-${type}${extension}` : out,
      }));
      for (const { path } of files) requireNewFile(path, force);
      const genotype = await genotypeFrom(argument);
      const drawings = await Promise.all(
        files.map(async ({ type, path }) => ({ path, text: await render(genotype[type]) })),
      );
      await makeFolders(drawings.map(({ path }) => path));
      for (const { path, text } of drawings) await writeFileAtomic(path, text);
      if (json === true) printJson(files.map(({ path }) => path));
      else for (const { path } of files) print(path);
    });
}

interface Format {
  readonly stem: string;
  readonly extension: string;
  /** A cell's drawing. Graphviz is only loaded by whoever draws. */
  render(cell: CellGenotype): Promise<string>;
}

/** @throws GenonnxError `usage` for other endings than .svg and .dot. */
function formatOf(path: string): Format {
  const [, stem = '', extension = ''] = /^(.*)(\.(?:svg|dot))$/is.exec(path) ?? [];
  if (extension === '') {
    throw new GenonnxError('usage', '--out does not say which kind of drawing is wanted.', {
      expected: 'a name that ends in .svg or .dot',
      found: path,
    });
  }
  const render: Format['render'] = async (cell) => {
    if (extension.toLowerCase() === '.dot')
      return (await import('../../../exporters/dot.js')).cellToDot(cell);
    return await (await import('../../../exporters/svg.js')).cellToSvgFile(cell);
  };
  return { stem, extension, render };
}
