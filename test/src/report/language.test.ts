// Reports of language models: what counts come to beside the model, and a recurrent cell drawn as one.
import { describe, expect, it } from 'vitest';
import { verdict } from '../../../src/report/baselines.js';
import type { ReportData, SearchEpochData } from '../../../src/report/data.js';
import { renderReport } from '../../../src/report/report.js';
import { RECURRENT_SPACE } from '../../../src/spaces/recurrent.js';
import { languageMeasures } from '../../../src/tasks/language/measures.js';

const counts = [
  { name: 'unigram counts', value: 500 },
  { name: 'bigram counts', value: 200 },
];

describe('the verdict', () => {
  const of = (perplexity: number | null) => verdict({ perplexity }, counts, languageMeasures);

  it('says by how much counts are beaten, or not', () => {
    expect(of(150)).toBe(
      'The test perplexity of 150.0 is 70.0 % below that of unigram counts (500.0) and 25.0 % below that of bigram counts (200.0): the model beats all of them.',
    );
    expect(of(250)).toContain('50.0 % below that of unigram counts (500.0) and 25.0 % above that of bigram');
    expect(of(250)).toContain('the model beats unigram counts only.');
    expect(of(600)).toContain('the model beats none of them.');
    // As good is no better.
    expect(of(200)).toContain('beats unigram counts only');
  });

  it('is missing where there is nothing to compare', () => {
    expect(of(null)).toBeUndefined();
    expect(verdict(undefined, counts, languageMeasures)).toBeUndefined();
    expect(verdict({ perplexity: 3 }, [], languageMeasures)).toBeUndefined();
  });
});

describe('a page about a language model', () => {
  const scores = (perplexity: number) => ({ loss: Math.log(perplexity), perplexity });
  const epochs = [1, 2, 3].map((epoch): SearchEpochData => {
    return {
      epoch,
      train: scores(400 / epoch),
      validation: scores(420 / epoch),
      child: scores(450 / epoch),
      entropy: { recurrent: 0.9 },
      probabilities: { recurrent: Array.from({ length: 36 }, () => [0.2, 0.2, 0.2, 0.2, 0.2]) },
      skips: {},
      examplesPerSecond: 1000,
    };
  });
  const [recurrent] = RECURRENT_SPACE.cellTypes;
  const data: ReportData = {
    title: 'Search to ONNX',
    measures: languageMeasures,
    results: [{ name: 'derived network', test: scores(150), parameters: 100 }],
    baselines: counts,
    genotype: {
      kind: 'recurrent',
      text: '',
      cells: [
        {
          title: 'Recurrent cell',
          inputs: 1,
          cell: { nodes: [[{ primitive: 'tanh', input: 0 }]], concat: [1] },
        },
      ],
    },
    search: {
      kind: 'recurrent',
      scope: 'node',
      cellTypes: recurrent === undefined ? [] : [recurrent],
      epochs,
    },
    training: {
      heldOut: 'validation',
      epochs: epochs.map(({ epoch, train }) => ({ epoch, train, validation: train, learningRate: 10 })),
    },
  };

  it('has what counts come to in the table and as level lines, and says who wins', async () => {
    const page = await renderReport(data);
    const table = /<section id="results">.*?<\/section>/s.exec(page)?.[0] ?? '';
    expect(table).toMatch(/derived network.*150\.0.*unigram counts.*500\.0.*bigram counts.*200\.0/s);
    expect(table).toContain('the model beats all of them');
    const chart = /<figure id="training-perplexity">.*?<\/figure>/s.exec(page)?.[0] ?? '';
    expect(chart).toContain('bigram counts, test');
    expect(chart.match(/class="dashed"/g)).toHaveLength(2);
    expect(/<figure id="training-loss">.*?<\/figure>/s.exec(page)?.[0]).not.toContain('bigram');
  });

  it('draws the cell between x_t, h_{t-1} and h_t, and calls states as genotypes do', async () => {
    const page = await renderReport(data);
    for (const text of ['x_{t}', 'h_{t-1}', 'h_{t}', 'from state 0', '<h4>State 1</h4>', '<h4>State 8</h4>'])
      expect(page).toContain(text);
    expect(page).not.toContain('c_{k-1}');
    expect(page.match(/<figcaption>from /g)).toHaveLength(36);
    expect(page).not.toContain('id="search-skips"');
  });

  it('has what the model wrote, line by line and as text', async () => {
    const texts = [{ text: 'A word.\n<b>An end.', seed: 1, temperature: 0.8 }];
    const section =
      /<section id="texts">.*?<\/section>/s.exec(await renderReport({ ...data, texts }))?.[0] ?? '';
    expect(section).toContain('<p>A word.</p><p>&lt;b&gt;An end.</p>');
    expect(section).toContain('seed 1, temperature 0.8');
    expect(await renderReport({ ...data, texts: [] })).not.toContain('id="texts"');
  });

  it('leaves both out where a run has none', async () => {
    const { baselines: _, ...without } = data;
    const page = await renderReport(without);
    expect(page).not.toContain('counts');
  });
});
