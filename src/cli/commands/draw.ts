// `genonnx draw`: a genotype's cells as drawings.
import type { Command } from 'commander';
import { cellToDot, type DrawnCell, drawnCells } from '../../../exporters/dot.js';
import { GenonnxError } from '../../errors.js';
import { type AnyGenotype, GENOTYPE_FORMS, GENOTYPE_KINDS } from '../../spaces/kinds.js';
import { anyGenotypeFrom, genotypeHelp } from '../genotype-argument.js';
import { oneOf } from '../options.js';
import { print, printJson } from '../output.js';
import { requireNewFile, writeOutput } from '../output-file.js';

const cellNames = GENOTYPE_KINDS.flatMap((kind) => GENOTYPE_FORMS[kind].cellTypes.map(({ name }) => name));
type CellName = (typeof cellNames)[number];

interface DrawOptions {
  readonly genotype?: string;
  readonly cell?: CellName | 'both';
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function registerDraw(program: Command): void {
  program
    .command('draw')
    .description('draw the cells of a genotype, as SVG or as Graphviz text')
    .argument('[genotype]', `the genotype: ${genotypeHelp}`)
    .option('--genotype <name|file|folder|text>', 'the same, as other commands take it')
    .requiredOption('--out <file>', 'where it goes: .svg or .dot')
    .option(
      '--cell <type>',
      `${cellNames.join(', ')}, or both, in files of their own: cell-normal.svg and cell-reduce.svg for cell.svg (default: the first that the genotype has)`,
      oneOf('cell', [...cellNames, 'both']),
    )
    .option('--force', 'overwrite an existing file')
    .option('--json', 'print the files as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  genonnx draw DATA_M7 --out normal.svg\n  genonnx draw DATA_M7 --cell both --out cell.dot\n  genonnx draw DARTS_V2_RNN --out recurrent.svg',
    )
    .action(async (argument: string | undefined, options: DrawOptions) => {
      const { cell, out, force, json } = options;
      const { stem, extension, render } = formatOf(out);
      const files = cellsOf(await anyGenotypeFrom(requiredGenotype(argument, options.genotype)), cell).map(
        ([type, drawn]) => ({ drawn, path: cell === 'both' ? `${stem}-${type}${extension}` : out }),
      );
      for (const { path } of files) requireNewFile(path, force);
      const drawings = await Promise.all(
        files.map(async ({ drawn, path }) => ({ path, text: await render(drawn) })),
      );
      for (const { path, text } of drawings) await writeOutput(path, text);
      if (json === true) printJson(files.map(({ path }) => path));
      else for (const { path } of files) print(path);
    });
}

/** @throws GenonnxError `usage` where there is none, or two. */
function requiredGenotype(argument: string | undefined, option: string | undefined): string {
  const given = [argument, option].filter((text) => text !== undefined);
  const [only, second] = given;
  if (only !== undefined && second === undefined) return only;
  throw new GenonnxError('usage', 'It takes one genotype to draw.', {
    expected: 'a genotype, as an argument or as --genotype',
    found: given.join(' and --genotype ') || 'none',
    cure: 'Pass for example DARTS_V2.',
  });
}

/** The cells to draw, by their types. @throws GenonnxError `usage` for a type that the genotype has not. */
function cellsOf(found: AnyGenotype, wanted: CellName | 'both' | undefined) {
  const cells = drawnCells(found.genotype);
  if (wanted === 'both') return cells;
  if (wanted === undefined) return cells.slice(0, 1);
  const chosen = cells.filter(([type]) => type === wanted);
  if (chosen.length > 0) return chosen;
  throw new GenonnxError('usage', `A ${found.kind} genotype has no such cell.`, {
    where: '--cell',
    expected: cells.map(([type]) => type).join(', '),
    found: wanted,
    cure: 'Leave --cell out, or name a cell of it.',
  });
}

interface Format {
  readonly stem: string;
  readonly extension: string;
  /** A cell's drawing. Graphviz is only loaded by whoever draws. */
  render(cell: DrawnCell): Promise<string>;
}

/** @throws GenonnxError `usage` for other endings than .svg and .dot. */
function formatOf(path: string): Format {
  const [, stem = '', extension = ''] = /^(.*)(\.(?:svg|dot))$/is.exec(path) ?? [];
  if (extension === '') {
    throw new GenonnxError('usage', '--out does not say which kind of drawing is wanted.', {
      expected: 'a name that ends in .svg or .dot',
      found: path,
      cure: 'Pass for example --out cell.svg.',
    });
  }
  const render: Format['render'] = async (cell) => {
    if (extension.toLowerCase() === '.dot') return cellToDot(cell);
    return await (await import('../../../exporters/svg.js')).cellToSvgFile(cell);
  };
  return { stem, extension, render };
}
