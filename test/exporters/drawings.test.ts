import { describe, expect, it } from 'vitest';
import { cellToDot, toDot } from '../../exporters/dot.js';
import { cellToSvg, cellToSvgFile, toSvg } from '../../exporters/svg.js';
import { normal, reduce } from '../src/report/sample.js';

describe('cell drawings', () => {
  it('describe DARTS_V2 in DOT', async () => {
    const golden = (name: string) => `goldens/${name}.dot`;
    await expect(cellToDot(normal)).toMatchFileSnapshot(golden('darts-v2-normal'));
    await expect(cellToDot(reduce)).toMatchFileSnapshot(golden('darts-v2-reduce'));
  });

  it('show every state and operation, and nothing that ties them to a page', async () => {
    const svg = await cellToSvg(normal);
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) =>
      match[1]?.trim().replace('&#45;', '-'),
    );
    const operations = normal.nodes.flat().map(({ primitive }) => primitive);
    const states = ['c_{k-2}', 'c_{k-1}', '0', '1', '2', '3', 'c_{k}'];
    expect(texts.sort()).toEqual([...operations, ...states].sort());
    expect(svg).not.toMatch(/ id=|<\?xml|<!--|<!DOCTYPE/);
    expect(svg.match(/class="edge concat"/g)).toHaveLength(normal.concat.length);
  });

  it('come as files of both cells, with colours of their own', async () => {
    const genotype = { normal, reduce };
    expect(toDot(genotype)).toEqual([
      { path: 'normal.dot', content: cellToDot(normal) },
      { path: 'reduce.dot', content: cellToDot(reduce) },
    ]);
    const files = await toSvg(genotype);
    expect(files.map(({ path }) => path)).toEqual(['normal.svg', 'reduce.svg']);
    expect(files[1]?.content).toBe(await cellToSvgFile(reduce));
    const file = await cellToSvgFile(normal);
    expect(file).toMatch(/^<\?xml[^>]*>\n<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*>\n<style>/);
    for (const { 1: name } of file.matchAll(/class="(?:node|edge) (\w+)"/g))
      expect(['input', 'intermediate', 'output', 'operation', 'concat']).toContain(name);
    expect(file).toMatch(/<\/svg>\n$/);
  });
});
