import { defineConfig } from 'vitest/config';

/**
 * Tests of functions, which leave nothing behind: their files share a process, so that each module is loaded once and not once
 * for every file. All others start commands, engines or browsers, or look at the process itself.
 */
const sharing = [
  'test/graphs/**/*.test.ts',
  'test/datasets/**/*.test.ts',
  'test/extension/**/*.test.ts',
  'test/src/{data,estimators,loop,networks,optimizers,search,spaces,tasks,train}/**/*.test.ts',
];

// Two workers on a two-core machine; every test that spawns the command or trains gets a generous limit of its own.
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // ONNX Runtime's native library would start a telemetry client with its first session.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    reporters: ['default', ['json', { outputFile: '.cache/test-report.json' }]],
    projects: [
      { extends: true, test: { name: 'functions', include: sharing, isolate: false } },
      {
        extends: true,
        test: {
          name: 'processes',
          include: ['test/**/*.test.ts'],
          exclude: sharing,
          benchmark: { include: [] },
        },
      },
    ],
  },
});
