// Compares what ONNX Runtime computes with what the float64 interpreter computes. Many cases share one graph and so one
// session a layout: a test file costs two sessions and one interpretation.
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, it } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { interpret, type Tensor, tensor } from '../../../../graphs/interpret/interpret.js';
import type { Graph, Value } from '../../../../graphs/ir.js';
import { type Layout, lowerToOnnx } from '../../../../graphs/onnx/lower.js';
import { decodeModel } from '../../../../graphs/onnx/model.js';
import { probeBlockSize } from '../../../../src/engines/ort/block-size.js';
import { sessionOptions } from '../../../../src/engines/ort/host.js';
import { defined, expectClose, random } from '../../../support/tensors.js';

/** Makes an input of the graph that is fed with the tensor, or with a random one of a shape. */
export type Feed = (values: Tensor | readonly number[]) => Value;

export interface Case {
  readonly name: string;
  build(g: Builder, feed: Feed): readonly Value[];
}

/** The block size of this machine; undefined where its runtime has no blocked kernels. */
export const block = await probeBlockSize(ort);

export const layouts: readonly Layout[] =
  block === undefined ? [{ kind: 'portable' }] : [{ kind: 'portable' }, { kind: 'blocked', block }];

/** Differences of float32 and float64, relative to the largest element of a result. */
const tolerance = 2e-5;

export interface Fed {
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** All cases in one graph, with the outputs `case#result`. */
function joined(cases: readonly Case[]): Fed {
  const g = new Builder();
  const feeds: Record<string, Tensor> = {};
  const outputs = cases.flatMap(({ name, build }, i) => {
    let count = 0;
    const feed: Feed = (values) => {
      const given = 'data' in values ? values : random(values, 100 * i + count);
      count += 1;
      const path = `case${i}.${count}`;
      feeds[path] = rounded(given);
      return g.input(path, given.shape);
    };
    return g.within(name, () => build(g, feed)).map((value, k) => ({ name: `${name}#${k}`, value }));
  });
  return { graph: g.build(outputs), feeds };
}

/** What float32 can hold: both sides then start from the same numbers. */
export function rounded({ shape, data }: Tensor): Tensor {
  return { shape, data: data.map(Math.fround) };
}

/** Runs a graph in ONNX Runtime. Inputs of truth values are fed as such. */
export async function runOnnx(
  { graph, feeds }: Fed,
  layout: Layout,
  opset = 17,
): Promise<Record<string, Tensor>> {
  const { bytes } = lowerToOnnx(graph, { layout, opset, name: 'agreement', naming: 'readable' });
  const session = await ort.InferenceSession.create(bytes, { ...sessionOptions, intraOpNumThreads: 2 });
  const inputs = Object.fromEntries(
    graph.inputs.map(({ path, dtype }) => {
      const { data, shape } = defined(feeds[path]);
      const fed =
        dtype === 'bool'
          ? new ort.Tensor('bool', Uint8Array.from(data), shape)
          : new ort.Tensor('float32', Float32Array.from(data), shape);
      return [path, fed];
    }),
  );
  const results = await session.run(inputs);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data, dims }]) => [name, tensor(dims, numbers(data))]),
  );
}

function numbers(data: ort.Tensor['data']): Float64Array {
  if (data instanceof Float32Array) return Float64Array.from(data);
  throw new TypeError('the result is not of float32');
}

/** Compares two results; the tolerance is relative to the expected one's largest element. */
export function expectAgreement(actual: Tensor | undefined, expected: Tensor, what: string): void {
  const largest = expected.data.reduce((most, element) => Math.max(most, Math.abs(element)), 0);
  expectClose(actual, expected, { absolute: tolerance * Math.max(largest, 1e-3), relative: 0 }, what);
}

export function describeLayout(layout: Layout): string {
  return layout.kind === 'blocked' ? `blocked (${layout.block})` : 'portable';
}

/** One test for each case and layout. */
export function itAgrees(cases: readonly Case[], opset = 17): void {
  const whole = joined(cases);
  let expected: Record<string, Tensor> = {};
  beforeAll(() => {
    expected = interpret(whole.graph, whole.feeds);
  });
  for (const layout of layouts) {
    describe(describeLayout(layout), () => {
      let actual: Record<string, Tensor> = {};
      beforeAll(async () => {
        actual = await runOnnx(whole, layout, opset);
      });
      it.each(cases.map(({ name }) => name))('%s', (name) => {
        const results = Object.entries(expected).filter(([output]) => output.startsWith(`${name}#`));
        for (const [output, wanted] of results) expectAgreement(actual[output], wanted, output);
      });
    });
  }
  if (block === undefined) it.skip('blocked: the runtime has no such kernels for this processor', () => {});
}

/** Operators of a case's model, `domain:operator` for those of other domains, outside of branches. */
export function operatorsOf(oneCase: Case, layout: Layout): string[] {
  const { bytes } = lowerToOnnx(joined([oneCase]).graph, { layout, name: 'case', naming: 'short' });
  return (decodeModel(bytes).graph?.node ?? []).map(({ domain, opType }) =>
    domain ? `${domain}:${opType}` : (opType ?? ''),
  );
}
