import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { benchJsonSchema, parseResults } from '../../../src/bench/results.js';
import { measurementOf, resultsOf } from './results-case.js';

const results = resultsOf([measurementOf([[4], [5, 4.5]])]);

describe('results', () => {
  it('come back from their text', () => {
    expect(parseResults(JSON.stringify(results), 'A.json')).toEqual(results);
  });

  it('are read in their former format, which knew one score', () => {
    const [measurement] = results.measurements;
    const { scores: _, ...model } = measurement!.model;
    const former = (accuracy: number | null) => ({
      ...results,
      format: 1,
      measurements: [{ ...measurement, model: { ...model, accuracy } }],
    });
    const scoresOf = (written: object) =>
      parseResults(JSON.stringify(written), 'A.json').measurements[0]?.model.scores;
    expect(scoresOf(former(0.75))).toEqual({ accuracy: 0.75 });
    expect(scoresOf(former(null))).toEqual({});
  });

  it.each([
    ['another format', { ...results, format: 3 }],
    ['no measurements', { ...results, measurements: [] }],
    ['a round without runs', resultsOf([{ ...measurementOf([[1]]), roundsMs: [[]] }])],
    ['a provider that nobody knows', JSON.parse(JSON.stringify(results).replace('"cpu"', '"abacus"'))],
  ])('refuse %s, and say where', (_, wrong) => {
    const read = () => parseResults(JSON.stringify(wrong), 'A.json');
    expect(read).toThrow(expect.objectContaining({ code: 'file-corrupt' }));
    expect(read).toThrow(/A\.json/);
  });

  it('are what the published schema describes', () => {
    const published = z.fromJSONSchema(JSON.parse(JSON.stringify(benchJsonSchema())));
    expect(published.safeParse(results).success).toBe(true);
    const { device: _, ...without } = results;
    expect(published.safeParse(without).success).toBe(false);
    const nowhere = { ...measurementOf([[1]]), execution: undefined };
    expect(published.safeParse({ ...results, measurements: [nowhere] }).success).toBe(false);
  });

  it('have a published schema that asks for the receipt', () => {
    expect(benchJsonSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: expect.arrayContaining(['device', 'measurements']),
      properties: {
        measurements: {
          items: {
            required: expect.arrayContaining(['model', 'runtime', 'execution', 'roundsMs', 'summary']),
          },
        },
      },
    });
  });
});
