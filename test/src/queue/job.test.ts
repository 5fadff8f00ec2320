import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobIdOf } from '../../../src/queue/job.js';
import { otherData, otherTools, type Plan, queueNameOf } from '../../../src/queue/plans.js';

const identity = {
  kind: 'train',
  configuration: { seed: 1, weights: { learningRate: 0.1, momentum: 0.9 }, genotype: 'x', out: undefined },
  checksums: { images: 'aa', labels: 'bb' },
  tools: { genonnx: '1.0.0' },
};
const plan: Plan = {
  tools: { genonnx: '1.0.0', onnxruntime: '1.30.0' },
  store: 's1',
  data: { task: 'classification', name: 'mnist', checksums: identity.checksums },
};

/** The same members in another order, at every depth. */
function shuffled(value: unknown, order: (names: string[]) => string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = new Map(Object.entries(value));
  return Object.fromEntries(
    order([...entries.keys()]).map((name) => [name, shuffled(entries.get(name), order)]),
  );
}

describe('the id of a job', () => {
  it('does not depend on the order of members', () => {
    const json = fc.dictionary(
      fc.string(),
      fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue())),
    );
    fc.assert(
      fc.property(json, (configuration) => {
        const reversed = shuffled(configuration, (names) => names.reverse());
        expect(jobIdOf({ ...identity, configuration: { reversed } })).toBe(
          jobIdOf({ ...identity, configuration: { reversed: configuration } }),
        );
      }),
    );
  });

  it('is another one for whatever determines the run, and a name for every file system', () => {
    const others = [
      identity,
      { ...identity, kind: 'search' },
      { ...identity, configuration: { ...identity.configuration, seed: 2 } },
      {
        ...identity,
        configuration: { ...identity.configuration, weights: { learningRate: 0.2, momentum: 0.9 } },
      },
      { ...identity, checksums: { ...identity.checksums, labels: 'bc' } },
      { ...identity, tools: { genonnx: '1.0.1' } },
    ].map(jobIdOf);
    expect(new Set(others).size).toBe(others.length);
    for (const id of others) expect(id).toMatch(/^(?:train|search)-[0-9a-f]{32}$/);
  });
});

describe('a queue', () => {
  it('is another one for another version, other data and another store', () => {
    const names = [
      plan,
      { ...plan, tools: { ...plan.tools, onnxruntime: '1.31.0' } },
      { ...plan, store: 's2' },
      { ...plan, data: undefined },
      { ...plan, data: { task: 'classification', name: 'mnist', checksums: { images: 'ab', labels: 'bb' } } },
    ].map(queueNameOf);
    expect(new Set(names).size).toBe(names.length);
    // The engine's keys are made of names with colons between them.
    for (const name of names) expect(name).toMatch(/^genonnx-1\.0\.0-[0-9a-f]{16}$/);
    const elsewhere = {
      ...plan,
      data: { task: 'classification', name: '/mnt/mnist', checksums: identity.checksums },
    };
    expect(queueNameOf(elsewhere)).toBe(queueNameOf(plan));
  });

  it('is left to others with the reason', () => {
    expect(otherTools(plan, plan.tools)).toBeUndefined();
    expect(otherTools(plan, { ...plan.tools, onnxruntime: '1.29.0' })).toBe(
      'onnxruntime 1.30.0 is wanted, and 1.29.0 is here',
    );
    expect(otherData(plan, identity.checksums)).toBeUndefined();
    expect(otherData(plan, { ...identity.checksums, labels: 'zz' })).toBe(
      'labels of mnist is another file here',
    );
    expect(otherData(plan, { images: 'aa' })).toContain('labels');
  });
});
