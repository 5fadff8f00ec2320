// What a frame costs the page of runs while 50 runs of 500 epochs go on, each of them a line further every time that it looks:
//
//   npx vitest bench --run test/pages/live/frames.bench.ts
//
// Prints scripting and layout of the busiest frames, as the browser's own trace has them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench, describe } from 'vitest';
import { live } from '../../../src/library/live.js';
import { launchBrowser } from '../../support/browser.js';
import { madeSearch } from '../../support/made-runs.js';

const runs = 50;
const epochs = 500;
const watchedMs = 10_000;

/** Of a trace: complete events, their times in microseconds; `tdur` leaves out what other programs took. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'genonnx-live-'));
  const nexts = Array.from({ length: runs }, (_, n) =>
    madeSearch(join(folder, `run-${n}`), { epochs, done: epochs - 60, seed: n }),
  );
  const server = await live([folder], { port: 0 });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    for (const [view, open] of [
      ['overview', async () => {}],
      ['one run', () => page.locator('.runs a').first().click()],
    ] as const) {
      await page.goto(server.url);
      await page
        .locator('.runs li')
        .nth(runs - 1)
        .waitFor();
      await open();
      await page.waitForTimeout(3_000);
      await browser.startTracing(page, { categories: ['devtools.timeline', 'toplevel'] });
      const startedAt = performance.now();
      while (performance.now() - startedAt < watchedMs) {
        for (const next of nexts) next();
        await page.waitForTimeout(500);
      }
      const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(String(await browser.stopTracing()));
      console.log(`${view}: ${summary(traceEvents)}`);
    }
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

const work = new Set([
  'FunctionCall',
  'EvaluateScript',
  'EventDispatch',
  'FireAnimationFrame',
  'TimerFire',
  'UpdateLayoutTree',
  'Layout',
  'PrePaint',
  'Paint',
  'Layerize',
  'Commit',
  'MinorGC',
  'MajorGC',
]);

/** Work of the page's main thread between one frame's begin and the next, the outermost events alone. */
function summary(events: readonly TraceEvent[]): string {
  const threads = groupedBy(
    events.filter(({ name, ph }) => ph === 'X' && work.has(name)),
    ({ pid, tid }) => `${pid}.${tid}`,
  );
  const [main = []] = [...threads.values()].sort((a, b) => b.length - a.length);
  const outermost: TraceEvent[] = [];
  for (const event of [...main].sort((a, b) => a.ts - b.ts)) {
    const last = outermost.at(-1);
    if (last === undefined || event.ts >= last.ts + (last.dur ?? 0)) outermost.push(event);
  }
  const frameUs = 1e6 / 60;
  const frames = groupedBy(outermost, ({ ts }) => Math.floor(ts / frameUs));
  const costs = [...frames.values()]
    .map((own) => own.reduce((sum, { tdur, dur = 0 }) => sum + (tdur ?? dur), 0) / 1000)
    .sort((a, b) => b - a);
  const at = (share: number) => (costs[Math.floor(share * costs.length)] ?? 0).toFixed(1);
  return `${costs.length} frames with work, the busiest ${at(0)} ms, 99 % within ${at(0.01)} ms, half within ${at(0.5)} ms`;
}

function groupedBy<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

describe('frames', () => {
  bench('50 runs of 500 epochs', measure, { iterations: 1, time: 0, warmupIterations: 0, warmupTime: 0 });
});
