// The choice between processor and graphics processor, with engines that are made up: Chromium without a graphics processor has
// none to choose.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import type { Engine, Fetches } from '../../../src/engines/engine.js';
import { chooseProvider } from '../../../src/lab/choose-provider.js';
import type { FirstStep } from '../../../src/lab/first-step.js';

const b = new Builder();
const graph = b.build([{ name: 'y', value: b.relu(b.input('x', [1])) }]);
const step: FirstStep = {
  program: { name: 'step', graph, stateInputs: {}, stateOutputs: {} },
  layout: { parameters: 2 },
  initial: { parameters: { data: Float32Array.of(1, 2) } },
  feeds: async () => ({ x: { shape: [1], data: Float32Array.of(1) } }),
};

/** A clock that engines move. */
function clock() {
  let ms = 0;
  return { now: () => ms, pass: (by: number) => (ms += by) };
}

interface Made {
  readonly stepMs: number;
  readonly loss?: number;
  readonly parameters?: readonly number[];
  /** Taken by the first step alone, as compiling is. */
  readonly firstMs?: number;
  readonly fails?: string;
}

function engine(
  pass: (ms: number) => unknown,
  { stepMs, loss = 2.3, parameters = [0.5, 0.25], firstMs = 0, fails }: Made,
): Engine & { isDisposed: boolean } {
  let runs = 0;
  const made = {
    isDisposed: false,
    description: 'made up',
    createState: async () => ({
      read: async () => Float32Array.from(parameters),
      write: async () => {},
    }),
    prepare: async () => ({
      loweringMs: 0,
      sessionMs: 0,
      nodes: 1,
      run: async (): Promise<Fetches> => {
        if (fails !== undefined) throw new Error(fails);
        pass(stepMs + (runs === 0 ? firstMs : 0));
        runs += 1;
        return { loss: { shape: [], data: Float32Array.of(loss) } };
      },
      dispose: async () => {},
    }),
    dispose: async () => {
      made.isDisposed = true;
    },
  };
  return made;
}

async function choice(processor: Made, graphics: Made | undefined) {
  const { now, pass } = clock();
  const other = graphics === undefined ? undefined : engine(pass, graphics);
  const open = other === undefined ? undefined : async () => other;
  const chosen = await chooseProvider(engine(pass, processor), open, step, now);
  return { ...chosen, isDisposed: other?.isDisposed };
}

describe('the provider of a run', () => {
  it('is the graphics processor where its first step agrees and later ones are faster', async () => {
    expect(await choice({ stepMs: 400 }, { stepMs: 90, firstMs: 5_000 })).toMatchObject({
      provider: 'webgpu',
      reason: expect.stringMatching('90 ms a step, the processor 400 ms'),
      isDisposed: true,
    });
    expect(await choice({ stepMs: 400 }, { stepMs: 401 })).toMatchObject({
      provider: 'wasm',
      isDisposed: true,
    });
  });

  it('is the processor where a number differs by more than rounding, however fast it came', async () => {
    const own = { stepMs: 400 };
    expect(await choice(own, { stepMs: 1, loss: 2.3005 })).toMatchObject({ provider: 'webgpu' });
    expect(await choice(own, { stepMs: 1, loss: 2.31 })).toMatchObject({
      provider: 'wasm',
      reason: expect.stringMatching('loss is 2.3'),
    });
    for (const parameters of [[0.5, 0.2], [0.5, Number.NaN], [0.5]])
      expect(await choice(own, { stepMs: 1, parameters })).toMatchObject({
        provider: 'wasm',
        reason: expect.stringMatching('parameters'),
      });
  });

  it('is the processor where there is no other, or it fails', async () => {
    expect(await choice({ stepMs: 400 }, undefined)).toMatchObject({
      provider: 'wasm',
      reason: 'this browser offers no WebGPU',
    });
    expect(await choice({ stepMs: 400 }, { stepMs: 1, fails: 'device lost\nmore' })).toMatchObject({
      provider: 'wasm',
      reason: 'WebGPU failed: device lost',
      isDisposed: true,
    });
    const { now, pass } = clock();
    const open = () => Promise.reject(new Error('no adapter'));
    expect(await chooseProvider(engine(pass, { stepMs: 1 }), open, step, now)).toEqual({
      provider: 'wasm',
      reason: 'WebGPU failed: no adapter',
      isUsable: false,
    });
  });

  it('is not chosen where the processor itself fails: the run could not go on', async () => {
    await expect(choice({ stepMs: 1, fails: 'out of memory' }, { stepMs: 1 })).rejects.toThrow(
      'out of memory',
    );
  });
});
