// The self-check: it accepts this machine's runtime, and a runtime that errs is found out, by the operation's name.
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { checkCases } from '../../../graphs/onnx/self-check/cases.js';
import { seededValues } from '../../../graphs/onnx/self-check/values.js';
import { checkBlocked, type ModelRunner } from '../../../graphs/onnx/self-check.js';
import { probeBlockSize } from '../../../src/engines/ort/block-size.js';
import { modelRunner } from '../../../src/engines/ort/model-runner.js';

const block = await probeBlockSize(ort);

const runtime = modelRunner(ort);

/** The runtime, with the outputs of one operation changed. */
function erring(operation: string, change: (value: number) => number): ModelRunner {
  return async (model, feeds) =>
    Object.fromEntries(
      Object.entries(await runtime(model, feeds)).map(([name, values]) => [
        name,
        name === `${operation}#0` ? Array.from(values, change) : values,
      ]),
    );
}

describe.skipIf(block === undefined)('the self-check', () => {
  const size = block ?? 16;

  it('accepts the runtime of this machine', async () => {
    expect(await checkBlocked(size, runtime)).toEqual({ ok: true, failures: [] });
  });

  it('names the operation whose numbers are wrong, and by how much', async () => {
    const operation = `maxPool2d stride 2, ${size} channels`;
    const { ok, failures } = await checkBlocked(
      size,
      erring(operation, (value) => value * 1.5),
    );
    expect(ok).toBe(false);
    expect(failures).toEqual([{ operation, difference: expect.closeTo(0.5, 2) }]);
  });

  it('takes no number for a failure', async () => {
    const { failures } = await checkBlocked(
      size,
      erring('concat', () => Number.NaN),
    );
    expect(failures).toEqual([{ operation: 'concat', difference: Number.POSITIVE_INFINITY }]);
  });

  it('tries each operation alone where the runtime refuses them together', async () => {
    let refused = 0;
    const { failures } = await checkBlocked(size, async (model, feeds) => {
      const operations = new Set(Object.keys(feeds).map((name) => name.slice(0, name.lastIndexOf('/'))));
      if (operations.size > 1 || operations.has('concat')) {
        refused += 1;
        throw new Error('no such kernel');
      }
      return runtime(model, feeds);
    });
    expect(refused).toBe(2);
    expect(failures).toEqual([{ operation: 'concat', difference: Number.POSITIVE_INFINITY }]);
  });
});

describe('a runtime that gives nothing', () => {
  it('fails in every operation', async () => {
    const { ok, failures } = await checkBlocked(16, async () => ({}));
    expect(ok).toBe(false);
    expect(failures.map(({ operation }) => operation)).toEqual(
      checkCases(16).map(({ operation }) => operation),
    );
  });
});

describe('the cases', () => {
  it.each([8, 16])('have names of their own (blocks of %i)', (size) => {
    const names = checkCases(size).map(({ operation }) => operation);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the values', () => {
  it('depend on the name alone, lie in (-1, 1), and tie', () => {
    const values = seededValues(1000, 'x');
    expect(seededValues(1000, 'x')).toEqual(values);
    expect(seededValues(1000, 'y')).not.toEqual(values);
    expect(values.every((value) => Math.abs(value) < 1)).toBe(true);
    expect(new Set(values).size).toBeGreaterThan(100);
    expect(new Set(values).size).toBeLessThan(128);
  });
});
