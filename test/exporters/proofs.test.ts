// The table of exporters/README.md is what these tests find: run with GENONNX_WRITE_TABLE=1 they write it, else they
// compare it. A target that this machine cannot run is taken from the table as it is.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { departureOf, parts, provenTargets } from './proofs.js';

const readme = fileURLToPath(new URL('../../exporters/README.md', import.meta.url));
const [begin, end] = ['<!-- table: begin -->', '<!-- table: end -->'];

/** For every target the parts that are proved, in order; undefined where it could not be run. */
const proved = new Map<string, readonly boolean[] | undefined>();

describe.each(provenTargets)('the target $name', ({ name, tolerance, leavesOut, run }) => {
  it('computes every part of a network as the interpreter does', { timeout: 300_000 }, async (context) => {
    const outputs = await run(parts);
    const [first] = outputs;
    if (first !== undefined && 'skipped' in first && typeof first.skipped === 'string') {
      proved.set(name, undefined);
      context.skip(first.skipped);
    }
    const departures = parts.map((part, i) => {
      const found = outputs[i];
      if (found === undefined || 'skipped' in found) return Number.POSITIVE_INFINITY;
      return departureOf(part, found, leavesOut);
    });
    const results = parts.map((part, i) => [part.name, (departures[i] ?? Number.NaN) <= tolerance]);
    proved.set(
      name,
      results.map(([, isProved]) => isProved === true),
    );
    expect(results).toEqual(parts.map((part) => [part.name, true]));
  });
});

describe('exporters/README.md', () => {
  it('has the table of what was found', () => {
    const text = readFileSync(readme, 'utf8');
    const [head, rest] = text.split(begin);
    const [table, tail] = (rest ?? '').split(end);
    const written = rowsOf(table ?? '');
    const names = new Set(provenTargets.map(({ column }) => column));
    const columns = [...names].map((name) => provenTargets.filter(({ column }) => column === name));
    const cells = parts.map(({ name }, row) => [
      name,
      ...columns.map((targets, column) => {
        const known = targets.map(({ name: target }) => proved.get(target)?.[row]);
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
