// A model with one operator that the providers leave to the CPU: Relu, Det (determinants of the images), Relu. CUDA has no
// kernel for Det (ONNX Runtime's docs/OperatorKernels.md), and neither has WebGPU (checks.test.ts).
import { proto } from '../../dist/graphs/onnx/proto.js';

export const refusedOperator = 'Det';

/** `images` f32[batch,3,8,8] to `determinants` f32[batch,3]. */
export function refusedModel() {
  const value = (name, sizes) => ({
    name,
    type: {
      tensorType: {
        elemType: proto.TensorProto.DataType.FLOAT,
        shape: { dim: [{ dimParam: 'batch' }, ...sizes.map((dimValue) => ({ dimValue }))] },
      },
    },
  });
  return proto.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'refused',
      node: [
        { opType: 'Relu', name: 'first', input: ['images'], output: ['positive'] },
        { opType: refusedOperator, name: 'refused', input: ['positive'], output: ['signed'] },
        { opType: 'Relu', name: 'last', input: ['signed'], output: ['determinants'] },
      ],
      input: [value('images', [3, 8, 8])],
      output: [value('determinants', [3])],
    },
  }).finish();
}
