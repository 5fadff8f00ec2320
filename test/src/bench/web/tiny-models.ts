// Models of a few nodes, by hand, for what runs or refuses models.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as onnx from '../../../../graphs/onnx/proto.js';
import { proto } from '../../../../graphs/onnx/proto.js';
import { freshFolder } from '../../../e2e/command.js';

export interface TinyModel {
  /** Each reads what the one before it makes. */
  readonly operators?: readonly string[];
  /** Of the input: a string is an open dimension, the empty one without a name. */
  readonly shape?: readonly (number | string)[];
  /** An initializer that is added at the end. */
  readonly addend?: onnx.ITensorProto;
  readonly type?: number;
}

/** Writes `tiny.onnx` from `x` to `y` in a fresh folder and returns its path. */
export function tinyModel({
  operators = ['Relu'],
  shape = ['n', 4],
  addend,
  type = proto.TensorProto.DataType.FLOAT,
}: TinyModel = {}): string {
  const dim = shape.map((size) =>
    typeof size === 'number' ? { dimValue: size } : size === '' ? {} : { dimParam: size },
  );
  const value = (name: string): onnx.IValueInfoProto => ({
    name,
    type: { tensorType: { elemType: type, shape: { dim } } },
  });
  const all = addend === undefined ? operators : [...operators, 'Add'];
  const node = all.map((opType, i) => ({
    opType,
    name: `nodes.${i}/${opType}`,
    input: [i === 0 ? 'x' : `x${i}`, ...(opType === 'Add' ? [addend?.name ?? ''] : [])],
    output: [i === all.length - 1 ? 'y' : `x${i + 1}`],
  }));
  const bytes = proto.ModelProto.encode({
    irVersion: 9,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'tiny',
      node,
      input: [value('x')],
      output: [value('y')],
      initializer: addend === undefined ? [] : [addend],
    },
  }).finish();
  const path = join(freshFolder(), 'tiny.onnx');
  writeFileSync(path, bytes);
  return path;
}
