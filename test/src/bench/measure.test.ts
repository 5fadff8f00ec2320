import { describe, expect, it } from 'vitest';
import { type Candidate, type MeasureOptions, measure, runsOfRound } from '../../../src/bench/measure.js';
import type { Profile } from '../../../src/bench/profile.js';
import { benchResultsSchema, type Measurement } from '../../../src/bench/results.js';
import type { OpenSubject } from '../../../src/bench/subject.js';
import { GenonnxError } from '../../../src/errors.js';
import { folderWith, smallModel } from '../../support/small-model.js';
import { resultsOf } from './results-case.js';

const file = `${folderWith(smallModel())}/model.onnx`;
const candidate: Candidate = {
  model: 'given.onnx',
  variant: 'as given',
  file,
  provider: 'cpu',
  batch: 1,
  threads: 2,
  optimization: 'all',
};

/** What was asked of the subjects, in order. */
type Log = string[];

interface Fake {
  readonly latencyMs?: number;
  readonly profile?: Profile | null;
  readonly failing?: 'open' | 'first round' | 'later round' | 'close';
}

function profileOn(...providers: readonly string[]): Profile {
  return {
    runs: 2,
    nodes: providers.map((provider, i) => ({
      name: `n${i}`,
      operator: i === 0 ? 'Conv' : 'Relu',
      provider,
      timeMs: 3,
    })),
  };
}

function fakes(log: Log, fakeOf: (threads: number, batch: number) => Fake): OpenSubject {
  return async ({ threads, batch }) => {
    const { latencyMs = 10, profile = profileOn('CPUExecutionProvider'), failing } = fakeOf(threads, batch);
    const name = `${threads}/${batch}`;
    let rounds = 0;
    const failAt = (moment: Fake['failing']): void => {
      if (moment !== undefined && failing === moment) throw new GenonnxError('engine', `does not ${moment}`);
    };
    failAt('open');
    log.push(`open ${name}`);
    return {
      opened: {
        runtime: { name: 'fake', version: '1', host: 'here' },
        sessionMs: 5,
        firstRunMs: 20,
        warmUpRuns: 20,
      },
      round: async (runs) => {
        rounds += 1;
        failAt(rounds === 1 ? 'first round' : rounds === 3 ? 'later round' : undefined);
        log.push(`round ${name} ${runs}`);
        // The first is slower: it must not be counted.
        return Array.from({ length: runs }, (_, i) => (i === 0 ? 7 : 1) * latencyMs);
      },
      close: async () => {
        failAt('close');
        log.push(`close ${name}`);
        return { peakMemoryBytes: 1e6, hostCopyMs: null, profile };
      },
      kill: () => {
        log.push(`kill ${name}`);
      },
    };
  };
}

function optionsWith(open: OpenSubject, changes: Partial<MeasureOptions> = {}): MeasureOptions {
  return {
    effort: { rounds: 2, runs: 4, seconds: 1 },
    allowFallback: false,
    open: () => open,
    environment: {},
    peaks: {
      of: async () => ({ roofline: { peakGflops: 1, peakGbytesPerSecond: 1, threads: 2 } }),
      again: () => Promise.reject(new Error('nothing exceeds these peaks')),
    },
    ...changes,
  };
}

async function measured(candidates: readonly Candidate[], options: MeasureOptions): Promise<Measurement[]> {
  const { measurements, failures } = await measure(candidates, options);
  expect(failures).toEqual([]);
  return [...measurements];
}

describe('measure', () => {
  it('runs the candidates of a batch in turn, back and forth, each as long as the effort says', async () => {
    const log: Log = [];
    const candidates = [
      { ...candidate, threads: 1 },
      { ...candidate, threads: 1, batch: 8 },
      { ...candidate, threads: 2 },
    ];
    const steps: number[] = [];
    const { measurements: found } = await measure(
      candidates,
      optionsWith(
        fakes(log, (threads) => ({ latencyMs: 100 / threads })),
        { progress: (done) => steps.push(done) },
      ),
    );
    expect(log).toEqual([
      ...['open 1/1', 'round 1/1 3', 'open 2/1', 'round 2/1 3'],
      ...['round 1/1 3', 'round 2/1 3', 'round 2/1 3', 'round 1/1 3'],
      ...['close 1/1', 'close 2/1', 'kill 1/1', 'kill 2/1'],
      ...['open 1/8', 'round 1/8 3', 'round 1/8 3', 'round 1/8 3', 'close 1/8', 'kill 1/8'],
    ]);
    expect(steps).toEqual(Array.from({ length: 13 }, (_, i) => i / 13));
    expect(found.map(({ execution }) => [execution.threads, execution.batch])).toEqual([
      [1, 1],
      [1, 8],
      [2, 1],
    ]);
    expect(found[0]?.roundsMs).toEqual([
      [100, 100],
      [100, 100],
    ]);
    expect(found[2]?.summary).toMatchObject({ runs: 4, medianMs: 50, imagesPerSecond: 20 });
  });

  it('does not count the runs of the first 50 ms behind another model', async () => {
    const log: Log = [];
    const [measurement] = await measured([candidate], optionsWith(fakes(log, () => ({ latencyMs: 10 }))));
    expect(log.filter((line) => line.startsWith('round')).slice(1)).toEqual(['round 2/1 10', 'round 2/1 10']);
    expect(measurement?.roundsMs.map((round) => round.length)).toEqual([5, 5]);
  });

  it('gives what the schema of the results asks for', async () => {
    const measurements = await measured([candidate], optionsWith(fakes([], () => ({}))));
    const [measurement] = measurements;
    expect(benchResultsSchema.parse(resultsOf(measurements)).measurements).toEqual(measurements);
    expect(measurement?.model.path).toBe('given.onnx');
    expect(measurement?.model.sha256).toMatch(/^[0-9a-f]{64}$/);
    const macs = measurement?.model.macs ?? 0;
    expect(measurement?.achieved?.gflops).toBeCloseTo((2 * macs) / 10 / 1e6, 12);
    expect(measurement?.achieved?.shareOfRoofline).toBeGreaterThan(measurement?.achieved?.shareOfPeak ?? 1);
    expect(measurement?.time?.byOperator).toEqual([{ name: 'Conv', nodes: 1, timeMs: 1.5, timeShare: 1 }]);
  });

  it('has no share of a roofline that was not measured, and no placement without a profile', async () => {
    const options = optionsWith(
      fakes([], () => ({ profile: null })),
      { peaks: null },
    );
    const [measurement] = await measured([candidate], options);
    expect(measurement).toMatchObject({ achieved: { shareOfPeak: null }, roofline: null, time: null });
    expect(measurement?.execution.placement).toBeNull();
  });

  const onGpu = { ...candidate, provider: 'cuda' as const };
  const mixed = profileOn('CUDAExecutionProvider', 'CPUExecutionProvider');

  it('says no where nodes ran on the CPU though a GPU was asked for', async () => {
    const options = optionsWith(fakes([], () => ({ profile: mixed })));
    const { measurements, failures } = await measure([onGpu], options);
    expect(measurements).toEqual([]);
    expect(failures[0]?.error).toMatchObject({
      code: 'fallback',
      exitCode: 1,
      details: { found: '1 nodes on the CPU (1 Relu), 50.0 % of the time' },
    });
    const [measurement] = await measured([onGpu], { ...options, allowFallback: true });
    expect(measurement?.execution.placement?.cpuFallback).toMatchObject({ nodes: 1, operators: { Relu: 1 } });
    expect(measurement?.execution.tf32).toBe('allowed');
  });

  it('says no where the asked provider ran nothing, and nothing where it ran all', async () => {
    const on = (...providers: string[]): MeasureOptions =>
      optionsWith(fakes([], () => ({ profile: profileOn(...providers) })));
    const { failures } = await measure([onGpu], on('TensorrtExecutionProvider'));
    expect(failures[0]?.failure.code).toBe('fallback');
    expect(await measured([onGpu], on('CUDAExecutionProvider', 'CUDAExecutionProvider'))).toHaveLength(1);
  });
});

describe('a candidate that fails', () => {
  const moments = ['open', 'first round', 'later round', 'close'] as const;

  it.each(moments)(
    'at the %s is reported, and the others are measured as if it were not there',
    async (failing) => {
      const log: Log = [];
      const open = fakes(log, (threads) => (threads === 2 ? { failing } : {}));
      const three = [1, 2, 3].map((threads) => ({ ...candidate, threads }));
      const { measurements, failures } = await measure(three, optionsWith(open));
      expect(measurements.map(({ execution, roundsMs }) => [execution.threads, roundsMs.length])).toEqual([
        [1, 2],
        [3, 2],
      ]);
      expect(failures.map(({ failure }) => failure)).toEqual([
        {
          model: 'given.onnx',
          candidate: { variant: 'as given', asked: 'cpu', optimization: 'all', threads: 2, batch: 1 },
          code: 'engine',
          message: `does not ${failing}`,
        },
      ]);
      // Its process is not left behind, and is asked nothing any more.
      const killed = log.indexOf('kill 2/1');
      expect(killed === -1).toBe(failing === 'open');
      if (killed !== -1)
        expect(log.slice(killed).filter((line) => line.includes('2/1'))).toEqual(['kill 2/1']);
      expect(log).toContain('kill 3/1');
    },
  );

  it('in one batch leaves the other batches alone', async () => {
    const open = fakes([], (_, batch) => (batch === 8 ? { failing: 'later round' } : {}));
    const three = [1, 8, 64].map((batch) => ({ ...candidate, batch }));
    const { measurements, failures } = await measure(three, optionsWith(open, { peaks: null }));
    expect(measurements.map(({ execution }) => execution.batch)).toEqual([1, 64]);
    expect(failures.map(({ failure }) => failure.candidate?.batch)).toEqual([8]);
  });

  it('is reported with any error, and with a model that cannot be read', async () => {
    const missing = { ...candidate, file: 'none.onnx' };
    const { failures } = await measure([missing], optionsWith(fakes([], () => ({}))));
    expect(failures[0]?.failure.code).toBe('file-missing');
    const odd: OpenSubject = () => Promise.reject(new TypeError('a fault'));
    const { failures: others } = await measure([candidate], optionsWith(odd));
    expect(others[0]?.failure).toMatchObject({ code: null, message: 'a fault' });
  });

  it('has no peaks measured when there is nothing else', async () => {
    const untouched = {
      of: () => Promise.reject(new Error('asked')),
      again: () => Promise.reject(new Error('asked')),
    };
    const open = fakes([], () => ({ failing: 'open' }));
    const steps: string[] = [];
    const outcome = await measure(
      [candidate],
      optionsWith(open, { peaks: untouched, progress: (_, next) => steps.push(next) }),
    );
    expect(outcome.measurements).toEqual([]);
    expect(steps).toHaveLength(1);
  });

  it('closes everything once it is aborted, and rejects with the reason', async () => {
    const log: Log = [];
    const controller = new AbortController();
    const reason = new Error('enough');
    const open = fakes(log, () => ({}));
    const measuring = measure(
      [candidate, { ...candidate, threads: 1 }],
      optionsWith(open, {
        progress: (_, next) => next.startsWith('round 2') && controller.abort(reason),
        signal: controller.signal,
      }),
    );
    await expect(measuring).rejects.toBe(reason);
    expect(log.filter((line) => line.startsWith('open'))).toEqual(['open 2/1', 'open 1/1']);
    expect(new Set(log.filter((line) => line.startsWith('kill')))).toEqual(new Set(['kill 2/1', 'kill 1/1']));
    expect(log.filter((line) => line.startsWith('close'))).toEqual([]);
  });

  it('counts no error of what was closed that way as a failure', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const open = fakes([], () => ({}));
    const failingThen: OpenSubject = async (request) => {
      const subject = await open(request);
      return {
        ...subject,
        round: async () => {
          controller.abort(reason);
          throw new GenonnxError('engine', 'killed');
        },
      };
    };
    const measuring = measure([candidate], optionsWith(failingThen, { signal: controller.signal }));
    await expect(measuring).rejects.toBe(reason);
  });
});

describe('runsOfRound', () => {
  const effort = { rounds: 10, runs: 50, seconds: 3 };

  it.each([
    [0.1, 500],
    [10, 5],
    [20, 5],
    [100, 3],
    [1000, 1],
    [60_000, 1],
  ])('at %d ms a run, %d runs', (latencyMs, runs) => {
    expect(runsOfRound(latencyMs, effort)).toBe(runs);
  });
});
