import { describe, expect, it } from 'vitest';
import { readProfile } from '../../../../src/bench/profile.js';
import { withDeviceTimes } from '../../../../src/bench/web/device-times.js';

const event = (cat: string, name: string, ts: number, dur: number, args: object = {}): object => ({
  cat,
  pid: 42,
  tid: 7,
  dur,
  ts,
  ph: 'X',
  name,
  args,
});
const node = (name: string, operator: string, ts: number, provider = 'WebGpuExecutionProvider'): object =>
  event('Node', `${name}_kernel_time`, ts, 10, {
    op_name: operator,
    provider,
    node_index: `${name}${operator}`,
  });
const kernel = (name: string, ts: number, dur: number): object => event('Api', name, ts, dur);

/** One run as onnxruntime-web notes it: the host is done before the kernels have run. */
const run = (ts: number, scale: number): object[] => [
  event('Session', 'model_run', ts, 900),
  node('a&b/Conv', 'Conv', ts + 1),
  node('flat', 'Reshape', ts + 2),
  node('twice', 'Relu', ts + 3),
  node('fallen', 'Hardmax', ts + 4, 'CPUExecutionProvider'),
  kernel('a&b/Conv&Conv&Im2Col', ts + 100, 200 * scale),
  kernel('a&b/Conv&Conv&MatMul', ts + 300, 500 * scale),
  kernel('twice&Relu&Unary', ts + 800, 50 * scale),
];

const read = (events: readonly object[]) => {
  const text = JSON.stringify(events);
  return withDeviceTimes(readProfile(text, 'here'), text);
};

describe('the times of a device', () => {
  it('are those of the kernels of a node, without the warm-up', () => {
    const { runs, nodes } = read([...run(0, 100), ...run(1000, 1), ...run(2000, 2)]);
    expect(runs).toBe(2);
    expect(nodes.map(({ name, timeMs }) => [name, timeMs])).toEqual([
      ['a&b/Conv', 2.1],
      ['flat', 0],
      ['twice', 0.05 + 0.1],
      // The host's, which it ran on.
      ['fallen', 0.02],
    ]);
  });

  it('are counted once where nodes share a name', () => {
    const twin = event('Node', 'twice_kernel_time', 1004, 10, {
      op_name: 'Relu',
      provider: 'WebGpuExecutionProvider',
      node_index: 'another',
    });
    const { nodes } = read([...run(0, 1), ...run(1000, 1), twin]);
    expect(nodes.filter(({ name }) => name === 'twice').map(({ timeMs }) => timeMs)).toEqual([0.05, 0]);
  });

  it("are the host's where the device has no timestamps", () => {
    const hostOnly = [...run(0, 1), ...run(1000, 1)].filter(
      (each) => !JSON.stringify(each).includes('"Api"'),
    );
    expect(read(hostOnly).nodes.map(({ timeMs }) => timeMs)).toEqual([0.01, 0.01, 0.01, 0.01]);
  });
});
