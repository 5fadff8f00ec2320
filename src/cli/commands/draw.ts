// `genonnx draw`: a genotype's cells as drawings.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { GenonnxError } from '../../errors.js';
import type { CellType } from '../../genotype/cell-space.js';
import { writeFileAtomic } from '../../runs/atomic.js';
import { genotypeFrom } from '../genotype-argument.js';
import { oneOf } from '../options.js';
import { print } from '../output.js';

interface DrawOptions {
  readonly genotype: string;
  readonly cell: CellType;
  readonly out: string;
  readonly force?: boolean;
}

export function registerDraw(program: Command): void {
  program
    .command('draw')
    .description('draw a cell of a genotype, as SVG or as Graphviz text')
    .requiredOption('--genotype <file|name|text>', 'the genotype')
    .requiredOption('--out <file>', 'where it goes: .svg or .dot')
    .option('--cell <type>', 'normal or reduce', oneOf('cell', ['normal', 'reduce']), 'normal')
    .option('--force', 'overwrite an existing file')
    .addHelpText('after', '\nExample:\n  genonnx draw --genotype DATA_M7 --cell normal --out data-m7.svg')
    .action(async ({ genotype, cell, out, force }: DrawOptions) => {
      if (existsSync(out) && force !== true) {
        throw new GenonnxError('output-exists', 'The output file exists already.', {
          where: out,
          cure: 'Choose another name, or pass --force.',
        });
      }
      const { cellToDot, cellToSvg } = await import('../../report/cell-drawing.js');
      const drawn = (await genotypeFrom(genotype))[cell];
      await writeFileAtomic(out, out.endsWith('.dot') ? cellToDot(drawn) : await cellToSvg(drawn));
      print(out);
    });
}
