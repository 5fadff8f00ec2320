import { describe, expect, it } from 'vitest';
import { machineText } from '../../../../src/cli/commands/doctor.js';
import type { MachineReport } from '../../../../src/library/machine-report.js';

const report: MachineReport = {
  genonnx: '1.2.3',
  node: 'v20.19.0',
  platform: 'linux x64',
  processor: 'A processor',
  cores: 2,
  memoryBytes: 8 * 2 ** 30,
  onnxruntime: '1.30.0',
  layout: { name: 'portable', reason: 'as asked for' },
  engine: { name: 'ort', reason: 'tfjs sees no GPU' },
  tfjs: { description: null, missing: 'TensorFlow.js', cure: 'npm install it' },
  providers: [
    { name: 'cpu', runtime: { name: 'onnxruntime-node', version: '1.30.0', host: 'Node v20.19.0' } },
    { name: 'cuda', runtime: null, missing: 'libcuda.so', cure: 'Install it.' },
    { name: 'web-webgpu', runtime: null, missing: 'no browser' },
  ],
  browser: { path: '/usr/bin/chromium', version: 'Chromium 1.0' },
};

describe('doctor', () => {
  it('prints names and values in two columns, what is missing with its cure below', () => {
    expect(`\n${machineText(report)}\n`).toBe(`
genonnx       1.2.3
node          v20.19.0
platform      linux x64
processor     A processor
cores         2
memory        8.0 GiB
onnxruntime   1.30.0
layout        portable: as asked for
engine        ort: tfjs sees no GPU
tfjs          not installed
              missing: TensorFlow.js
              cure:    npm install it
browser       /usr/bin/chromium, Chromium 1.0
providers     of genonnx bench --provider
  cpu         onnxruntime-node 1.30.0, Node v20.19.0
  cuda        missing: libcuda.so
              cure:    Install it.
  web-webgpu  missing: no browser
`);
  });

  it('says so where there is no browser', () => {
    const text = machineText({ ...report, browser: { missing: 'no Chromium', cure: 'Install one.' } });
    expect(text).toContain('browser       missing: no Chromium\n              cure:    Install one.\n');
  });
});
