// The host on both runtimes that it may be given: what a run leaves in the state, and what it reports.
import * as node from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { lowerToOnnx } from '../../../../graphs/onnx/lower.js';
import { directChannel } from '../../../../src/engines/ort/channel.js';
import { createOrtEngine } from '../../../../src/engines/ort/engine.js';
import { OrtHost } from '../../../../src/engines/ort/host.js';
import type { OrtRuntime } from '../../../../src/engines/ort/runtime.js';
import { movingAverage } from './programs.js';

const portable = { kind: 'portable' } as const;
const runtimes: [name: string, ort: OrtRuntime, fillsOutputs: boolean][] = [
  ['onnxruntime-node', node, true],
  ['onnxruntime-node that allocates its outputs', node, false],
  ['onnxruntime-web', web, false],
];

describe.each(runtimes)('the host on %s', (_, ort, fillsOutputs) => {
  it('moves the state with every run, but for one whose guard is not finite', async () => {
    const host = new OrtHost(ort, { fillsOutputs });
    const { graph, stateInputs, stateOutputs, name } = movingAverage(2);
    const { bytes: model } = lowerToOnnx(graph, { layout: portable, name, naming: 'short' });
    const state = host.createState({ theta: 2, count: 1 });
    host.writeState(state, 'theta', Float32Array.of(4, 8));
    const request = {
      model,
      threads: 1,
      stateInputs,
      stateOutputs,
      fetches: ['sum', 'x.again'],
      guard: 'sum',
    };
    const session = await host.load(request, state);
    const run = (...x: number[]) =>
      host.run(session, {
        x: { shape: [2], data: Float32Array.from(x) },
        rate: { shape: [1], data: Float32Array.of(0.5) },
      });
    const values = () => [...host.readState(state, 'theta'), ...host.readState(state, 'count')];

    expect((await run(0, 0)).sum?.data).toEqual(Float32Array.of(12));
    expect(values()).toEqual([2, 4, 1]);
    expect((await run(6, 0)).sum?.data).toEqual(Float32Array.of(6));
    expect(values()).toEqual([4, 2, 2]);
    await run(Number.POSITIVE_INFINITY, 0);
    expect(values()).toEqual([Number.POSITIVE_INFINITY, 1, 3]);
    // Its sum is infinite now: this run and all later ones leave everything as it is.
    await run(0, 0);
    expect(values()).toEqual([Number.POSITIVE_INFINITY, 1, 3]);
    host.writeState(state, 'theta', Float32Array.of(1, 1));
    expect((await run(3, 3))['x.again']?.data).toEqual(Float32Array.of(3, 3));
    expect(values()).toEqual([2, 2, 4]);
    await host.unload(session);
  });

  it('is spared what a program does not read', async () => {
    const channel = directChannel(new OrtHost(ort, { fillsOutputs }));
    const engine = createOrtEngine({ channel, runtime: 'a runtime', layout: portable, threads: 1 });
    const state = await engine.createState({ theta: 2, count: 1 });
    const prepared = await engine.prepare(movingAverage(2), state);
    const feeds = {
      x: { shape: [2], data: Float32Array.of(2, 4) },
      rate: { shape: [1], data: Float32Array.of(0.5) },
      other: { shape: [1], data: Float32Array.of(9) },
    };
    await prepared.run(feeds);
    expect(await state.read('theta')).toEqual(Float32Array.of(1, 2));
    await engine.dispose();
  });
});
