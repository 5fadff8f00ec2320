import { describe, expect, it } from 'vitest';
import {
  candidateName,
  describe as describeCandidate,
  failed,
  requireMeasurements,
} from '../../../src/bench/failures.js';
import { benchResultsSchema } from '../../../src/bench/results.js';
import { GenonnxError } from '../../../src/errors.js';
import { measurementOf, resultsOf } from './results-case.js';

const candidate = {
  model: 'a.onnx',
  variant: 'folded',
  file: '/tmp/0/fold.onnx',
  provider: 'cuda',
  batch: 8,
  threads: 2,
  optimization: 'all',
} as const;

describe('a failure', () => {
  it('keeps the candidate as it was asked for, and what the error says', () => {
    const error = new GenonnxError('engine', 'No memory.', { cure: 'Take less.' });
    const { failure } = failed('a.onnx', candidate, error);
    expect(failure).toEqual({
      model: 'a.onnx',
      candidate: { variant: 'folded', asked: 'cuda', optimization: 'all', threads: 2, batch: 8 },
      code: 'engine',
      message: 'No memory.\n  cure:     Take less.',
    });
    const odd = failed('a.onnx', null, 'odd').failure;
    expect(odd).toEqual({ model: 'a.onnx', candidate: null, code: null, message: 'odd' });
    const results = resultsOf([measurementOf([[1]])], { failures: [failure, odd] });
    expect(benchResultsSchema.parse(JSON.parse(JSON.stringify(results)))).toEqual(results);
  });

  it('is named by all that tells candidates apart', () => {
    const { failure } = failed('a.onnx', candidate, new Error('x'));
    expect(candidateName(failure)).toBe('a.onnx (folded, cuda, batch 8, 2 threads, level all)');
    expect(describeCandidate(candidate)).toBe(candidateName(failure));
    expect(candidateName(failed('a.onnx', null, new Error('x')).failure)).toBe('a.onnx');
  });

  it('is the error of all where nothing was measured', () => {
    const failures = [failed('a.onnx', null, new Error('the first')), failed('b.onnx', null, new Error('b'))];
    expect(() => requireMeasurements({ measurements: [], failures })).toThrow('the first');
    expect(() => requireMeasurements({ measurements: [measurementOf([[1]])], failures })).not.toThrow();
  });
});

it('is not in files of results that are older than it', () => {
  const { failures: _, ...older } = resultsOf([measurementOf([[1]])]);
  expect(benchResultsSchema.parse(older).failures).toEqual([]);
});
