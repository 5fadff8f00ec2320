import { defineConfig } from 'vitest/config';

// Two workers on a two-core machine; every test that spawns the command or trains gets a generous limit of its own.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // ONNX Runtime's native library would start a telemetry client with its first session.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    reporters: ['default', ['json', { outputFile: '.cache/test-report.json' }]],
  },
});
