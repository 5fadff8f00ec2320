// Profiles as ONNX Runtime writes them, made by hand: one line an event, with the fields that a reader may expect.

export interface RecordedNode {
  readonly name: string;
  readonly operator: string;
  readonly provider: string;
  readonly durationUs: number;
}

const CUDA = 'CUDAExecutionProvider';
const CPU = 'CPUExecutionProvider';

const network = (provider: (operator: string) => string): RecordedNode[] =>
  [
    { name: 'stem/conv/Conv', operator: 'Conv', durationUs: 100 },
    { name: 'cells.0/preprocess0/Relu', operator: 'Relu', durationUs: 50 },
    { name: 'cells.0/node0/0.sep_conv_3x3@0/first/depthwise/Conv', operator: 'Conv', durationUs: 300 },
    { name: 'cells.0/node0/1.avg_pool_3x3@1/AveragePool', operator: 'AveragePool', durationUs: 250 },
    { name: 'cells.10/node1/2.sep_conv_3x3@0/first/depthwise/Conv', operator: 'Conv', durationUs: 200 },
    { name: 'linear/MatMul', operator: 'MatMul', durationUs: 100 },
  ].map((node) => ({ ...node, provider: provider(node.operator) }));

export const allCuda = network(() => CUDA);
export const allCpu = network(() => CPU);
/** The pooling falls back, between two copies. */
export const mixed = network((operator) => (operator === 'AveragePool' ? CPU : CUDA)).flatMap((node) =>
  node.operator === 'AveragePool'
    ? [
        { name: 'Memcpy', operator: 'MemcpyToHost', provider: CUDA, durationUs: 40 },
        node,
        { name: 'Memcpy_token_1', operator: 'MemcpyFromHost', provider: CUDA, durationUs: 60 },
      ]
    : [node],
);

/** The file of `runs` runs, of which the first takes ten times as long. */
export function profileText(nodes: readonly RecordedNode[], runs = 3): string {
  const event = (cat: string, name: string, ts: number, dur: number, args: object): object => ({
    cat,
    pid: 7,
    tid: 7,
    dur,
    ts,
    ph: 'X',
    name,
    args,
  });
  const events = [event('Session', 'session_initialization', 5, 900, {})];
  let ts = 1000;
  for (let run = 0; run < runs; run++) {
    const startedAt = ts;
    nodes.forEach(({ name, operator, provider, durationUs }, index) => {
      ts += 1;
      const duration = run === 0 ? 10 * durationUs : durationUs;
      const args = {
        op_name: operator,
        provider,
        node_index: String(index),
        thread_scheduling_stats: '',
        input_type_shape: [{ float: [1, 4, 8, 8] }],
      };
      events.push(event('Node', `${name}_kernel_time`, ts, duration, args));
      ts += duration;
    });
    // As the runtime does it: a run is written when it has ended, behind its nodes.
    events.push(event('Session', 'SequentialExecutor::Execute', startedAt, ts - startedAt, {}));
    events.push(event('Session', 'model_run', startedAt, ts - startedAt, {}));
    ts += 10;
  }
  return JSON.stringify(events);
}
