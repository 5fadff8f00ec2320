// A table of exporters/README.md is what tests find: run with GENONNX_WRITE_TABLE=1 they write it, else they compare it. A target
// that this machine cannot run is taken from the table as it is.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

export interface ProvenTarget {
  readonly name: string;
  /** Of the table: targets of one column are proved together. */
  readonly column: string;
  /** Largest departure that counts as proved, relative to an output's largest value. */
  readonly tolerance: number;
  /** The departure of each part, or why the target could not be run. */
  readonly departures: () => Promise<readonly number[] | { readonly skipped: string }>;
}

export interface ProofTable {
  /** Of the comments around it: `<!-- table: begin -->`. */
  readonly mark: string;
  /** Names of the parts, a row each. */
  readonly parts: readonly string[];
  readonly targets: readonly ProvenTarget[];
}

const readme = fileURLToPath(new URL('../../exporters/README.md', import.meta.url));

export function proveTable({ mark, parts, targets }: ProofTable): void {
  /** For every target the parts that are proved, in order; undefined where it could not be run. */
  const proved = new Map<string, readonly boolean[] | undefined>();

  describe.each(targets)('the target $name', ({ name, tolerance, departures }) => {
    it('computes every part of a network as the interpreter does', { timeout: 300_000 }, async (context) => {
      const found = await departures();
      if ('skipped' in found) {
        proved.set(name, undefined);
        return context.skip(found.skipped);
      }
      const results = parts.map((part, i): [string, boolean] => [
        part,
        (found[i] ?? Number.NaN) <= tolerance,
      ]);
      proved.set(
        name,
        results.map(([, isProved]) => isProved),
      );
      expect(results).toEqual(parts.map((part) => [part, true]));
    });
  });

  describe('exporters/README.md', () => {
    it('has the table of what was found', () => {
      const [begin, end] = [`<!-- ${mark}: begin -->`, `<!-- ${mark}: end -->`];
      const text = readFileSync(readme, 'utf8');
      const [head, rest] = text.split(begin);
      const [table, tail] = (rest ?? '').split(end);
      const written = rowsOf(table ?? '');
      const names = new Set(targets.map(({ column }) => column));
      const columns = [...names].map((name) => targets.filter(({ column }) => column === name));
      const cells = parts.map((name, row) => [
        name,
        ...columns.map((ofColumn, column) => {
          const known = ofColumn.map(({ name: target }) => proved.get(target)?.[row]);
          if (known.includes(undefined)) return written[row + 2]?.[column + 1] ?? '';
          return known.every((isProved) => isProved) ? 'proved' : 'no';
        }),
      ]);
      const header = ['part', ...columns.map(([first]) => `${first?.column} (${first?.tolerance})`)];
      const rows = [header, header.map(() => '---'), ...cells];
      if (process.env.GENONNX_WRITE_TABLE === '1') {
        const lines = rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
        writeFileSync(readme, `${head}${begin}\n${lines}\n${end}${tail}`);
      } else expect(written).toEqual(rows);
    });
  });
}

function rowsOf(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
