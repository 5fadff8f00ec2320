import { describe, expect, it } from 'vitest';
import { cellToDot, toDot } from '../../exporters/dot.js';
import { cellToSvg, cellToSvgFile, toSvg } from '../../exporters/svg.js';
import { parseRecurrentGenotype } from '../../src/spaces/parse.js';
import { recurrentZooEntry } from '../../src/spaces/zoo.js';
import { normal, reduce } from '../src/report/sample.js';

describe('cell drawings', () => {
  it('describe DARTS_V2 in DOT', async () => {
    const golden = (name: string) => `goldens/${name}.dot`;
    await expect(cellToDot(normal)).toMatchFileSnapshot(golden('darts-v2-normal'));
    await expect(cellToDot(reduce)).toMatchFileSnapshot(golden('darts-v2-reduce'));
  });

  it.each(['DARTS_V2_RNN', 'ENAS_RNN'])('describe %s in DOT', async (name) => {
    const { recurrent } = recurrentZooEntry(name).genotype;
    const golden = `goldens/${name.toLowerCase().replaceAll('_', '-')}.dot`;
    await expect(cellToDot({ ...recurrent, form: 'recurrent' })).toMatchFileSnapshot(golden);
  });

  it('show what enters a recurrent cell, all operations of a node, and what the mean is of', async () => {
    const genotype = parseRecurrentGenotype(
      "Genotype(recurrent=[[('relu', 0)], [('tanh', 0), ('identity', 1)], [('relu', 2), ('sigmoid', 2)]], concat=[0, 3])",
    );
    const [drawing] = await toSvg(genotype);
    expect(drawing?.path).toBe('recurrent.svg');
    const svg = String(drawing?.content).replaceAll('&#45;', '-');
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]?.trim());
    const operations = ['relu', 'tanh', 'identity', 'relu', 'sigmoid'];
    const states = ['x_{t}', 'h_{t-1}', '0', '1', '2', '3', 'mean', 'h_{t}'];
    expect(texts.sort()).toEqual([...operations, ...states].sort());
    expect(svg.match(/class="edge concat"/g)).toHaveLength(2);
    const [dot] = toDot(genotype);
    expect(dot?.path).toBe('recurrent.dot');
    for (const arrow of [
      'x -> s0',
      'h -> s0',
      's1 -> s2 [label=" identity "',
      's0 -> out',
      's3 -> out',
      'out -> next',
    ])
      expect(dot?.content).toContain(arrow);
    expect(dot?.content).not.toContain('s1 -> out');
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
