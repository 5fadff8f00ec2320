// The smallest model: what runs it, runs, so that what fails with another is that one's fault.
import { Builder } from '../../graphs/builder.js';
import { lowerToOnnx } from '../../graphs/onnx/lower.js';

/** ReLU from x, f32[1, 4], to y. */
export function probeModel(): Uint8Array {
  const b = new Builder();
  const graph = b.build([{ name: 'y', value: b.relu(b.input('x', [1, 4])) }]);
  return lowerToOnnx(graph, {
    layout: { kind: 'portable' },
    name: 'probe',
    naming: 'readable',
    constants: new Map(),
  }).bytes;
}
