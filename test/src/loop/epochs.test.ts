import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EpochWork,
  type LoopHooks,
  type Position,
  positionSchema,
  runEpochs,
} from '../../../src/loop/epochs.js';

/** What happened, in order. */
type Event = readonly [kind: string, ...numbers: number[]];

interface Made {
  readonly events: Event[];
  readonly checkpoints: { readonly position: Position; readonly best: boolean }[];
}

/** A loop of `epochs` epochs, each of its own number of `steps`, or all of one. */
function loop(
  epochs: number,
  steps: number | readonly number[],
  made: Made,
  { stopAfter = Number.POSITIVE_INFINITY, endAfter = Number.POSITIVE_INFINITY, checkpointSeconds = 0 } = {},
) {
  let taken = 0;
  const work: EpochWork<number> = {
    epochs,
    checkpointSeconds,
    async step(epoch, step) {
      taken += 1;
      made.events.push(['step', epoch, step]);
      return (step + 1) / (typeof steps === 'number' ? steps : steps[epoch]!);
    },
    async finish(epoch, times) {
      made.events.push(['finish', epoch, times.steps]);
      return { record: epoch, best: epoch % 2 === 0, ends: epoch + 1 >= endAfter };
    },
    snapshot: async (position) => ({ arrays: {}, state: position }),
  };
  const hooks: LoopHooks<number> = {
    async epoch(record) {
      made.events.push(['record', record]);
    },
    async checkpoint({ state }, best) {
      made.checkpoints.push({ position: positionSchema.parse(state), best });
    },
    progress(done) {
      made.events.push(['progress', done]);
    },
    stopped: () => taken >= stopAfter,
  };
  return { work, hooks };
}

const nothing = (): Made => ({ events: [], checkpoints: [] });
const stepsOf = ({ events }: Made) => events.filter(([kind]) => kind === 'step');

describe('runEpochs', () => {
  it('takes every step of every epoch once, with a record and a checkpoint after each epoch', async () => {
    const made = nothing();
    const { work, hooks } = loop(2, 2, made, { checkpointSeconds: 1e9 });
    expect(await runEpochs(work, hooks)).toBe(true);
    expect(made.events.filter(([kind]) => kind !== 'progress')).toEqual([
      ...[
        ['step', 0, 0],
        ['step', 0, 1],
        ['finish', 0, 2],
        ['record', 0],
      ],
      ...[
        ['step', 1, 0],
        ['step', 1, 1],
        ['finish', 1, 2],
        ['record', 1],
      ],
    ]);
    expect(made.events.filter(([kind]) => kind === 'progress').map(([, done]) => done)).toEqual([
      0.25, 0.5, 0.75, 1,
    ]);
    expect(made.checkpoints).toEqual([
      { position: { epoch: 1, step: 0, ended: false }, best: true },
      { position: { epoch: 2, step: 0, ended: false }, best: false },
    ]);
  });

  it('writes checkpoints inside of an epoch as often as it is asked to', async () => {
    const made = nothing();
    const { work, hooks } = loop(1, 3, made);
    await runEpochs(work, hooks);
    expect(made.checkpoints.map(({ position }) => position.step)).toEqual([1, 2, 0]);
    expect(made.checkpoints.slice(0, 2).some(({ best }) => best)).toBe(false);
  });

  it('takes the same steps whenever it is stopped and continued', async () => {
    // How long an epoch is may be drawn with its batches.
    const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
    const stops = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(lengths, stops, async (steps, after) => {
        const epochs = steps.length;
        const whole = nothing();
        const uncut = loop(epochs, steps, whole, { checkpointSeconds: 1e9 });
        await runEpochs(uncut.work, uncut.hooks);
        expect(stepsOf(whole)).toEqual(
          steps.flatMap((count, epoch) => Array.from({ length: count }, (_, step) => ['step', epoch, step])),
        );
        const cut = nothing();
        let position: Position | undefined;
        let finished = false;
        for (const stopAfter of [...after, Number.POSITIVE_INFINITY]) {
          const { work, hooks } = loop(epochs, steps, cut, { stopAfter, checkpointSeconds: 1e9 });
          finished = await runEpochs(work, hooks, position);
          position = cut.checkpoints.at(-1)?.position;
          if (finished) break;
        }
        expect(finished).toBe(true);
        expect(stepsOf(cut)).toEqual(stepsOf(whole));
        expect(cut.events.filter(([kind]) => kind === 'record')).toEqual(
          whole.events.filter(([kind]) => kind === 'record'),
        );
      }),
    );
  });

  it('ends where the work calls for it, and does not begin again', async () => {
    const made = nothing();
    const { work, hooks } = loop(5, 1, made, { endAfter: 2, checkpointSeconds: 1e9 });
    expect(await runEpochs(work, hooks)).toBe(true);
    expect(stepsOf(made)).toHaveLength(2);
    const last = made.checkpoints.at(-1)?.position;
    expect(last).toEqual({ epoch: 2, step: 0, ended: true });
    expect(await runEpochs(work, hooks, last)).toBe(true);
    expect(stepsOf(made)).toHaveLength(2);
  });

  it('says that it was stopped only where something is left', async () => {
    const made = nothing();
    const all = loop(2, 2, made, { stopAfter: 4, checkpointSeconds: 1e9 });
    expect(await runEpochs(all.work, all.hooks)).toBe(true);
    const half = loop(2, 2, nothing(), { stopAfter: 2, checkpointSeconds: 1e9 });
    expect(await runEpochs(half.work, half.hooks)).toBe(false);
  });
});
