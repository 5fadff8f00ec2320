// What a lab takes: the first step, an epoch beside one of Node's, the longest task of the page itself, memory. Seconds of the
// processor stand beside those of the clock: others may be at work on the machine, too.
//
//   npm run build && node test/pages/measure-lab.mjs [threads]      (1 by default; 2 or more isolate the page)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { launchChromium } from '../../dist/src/bench/web/chromium.js';
import { isolationHeaders, serveFiles } from '../../dist/src/bench/web/static-server.js';
import { search } from '../../dist/src/entries/search.js';

const threads = Number(process.argv[2] ?? 1);
const sizes = { Seed: 1, Cells: 3, Channels: 4, Batch: 16, Epochs: 2, Images: 1000 };
const settings = { seed: 1, cells: 3, channels: 4, batch: 16, epochs: 2, limit: 1000, layout: 'portable' };
const folder = mkdtempSync(join(tmpdir(), 'genonnx-lab-'));
execFileSync(process.execPath, [
  'bin/genonnx.mjs',
  'export',
  '--to',
  'lab',
  '--no-webgpu',
  '--out',
  join(folder, 'lab'),
]);

const files = new Map(
  readdirSync(join(folder, 'lab'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [file.slice(join(folder, 'lab').length + 1), { file }];
    }),
);
const server = await serveFiles(files, threads > 1 ? isolationHeaders : {});
const browser = await launchChromium({ graphics: 'none' });
const context = await browser.newContext();
// The page takes as many threads as the processor has cores.
await context.addInitScript(
  `Object.defineProperty(navigator, 'hardwareConcurrency', { value: ${threads} });`,
);
const page = await context.newPage();
const cdp = await browser.newBrowserCDPSession();

/** Of the process in which the page and its worker are. */
async function renderer() {
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  const own = processInfo.filter(({ type }) => type === 'renderer');
  const bytes = own.map(
    ({ id }) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) * 1024,
  );
  return { cpuSeconds: own.reduce((sum, { cpuTime }) => sum + cpuTime, 0), peakBytes: Math.max(...bytes) };
}

/** On the page's own thread, by the time that the processor gave it; what this program asks of the page is none of its tasks. */
function longestTaskMs(events) {
  const threads = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const own = new Set(threads.map(({ pid, tid }) => `${pid}:${tid}`));
  const onPage = events.filter(({ pid, tid }) => own.has(`${pid}:${tid}`));
  const asked = onPage.filter(
    ({ args }) => args?.chrome_mojo_event_info?.mojo_interface_tag === 'blink.mojom.DevToolsSession',
  );
  const isAsked = ({ pid, ts, dur }) =>
    asked.some((one) => one.pid === pid && one.ts >= ts && one.ts < ts + dur);
  const tasks = onPage.filter(
    (event) => event.name.endsWith('RunTask') && event.tdur > 20_000 && !isAsked(event),
  );
  return tasks.reduce((longest, { tdur }) => Math.max(longest, tdur / 1000), 0);
}

const share = async () =>
  Number(
    await page
      .locator('.status progress')
      .getAttribute('value')
      .catch(() => 0),
  );
async function until(done) {
  while ((await share()) < done) {
    const [failure] = await page.locator('.failure').allTextContents();
    if (failure !== undefined) throw new Error(failure);
    await page.waitForTimeout(20);
  }
}
async function moment() {
  return { ms: performance.now(), ...(await renderer()) };
}
const between = (a, b) =>
  `${((b.ms - a.ms) / 1000).toFixed(1)} s (${(b.cpuSeconds - a.cpuSeconds).toFixed(1)} s of the processor)`;

await browser.startTracing(page, { categories: ['toplevel'] });
await page.goto(server.url);
const form = page.getByRole('form', { name: 'A new search' });
await form.waitFor({ timeout: 120_000 });
for (const [label, value] of Object.entries(sizes)) await form.getByLabel(label).fill(String(value));
// A person looks at the form for as long.
await page.waitForTimeout(5_000);
const clicked = await moment();
await form.getByRole('button', { name: 'Search' }).click();
await until(1e-9);
const first = await moment();
await until(0.5);
const half = await moment();
await page.locator('.status').getByText('Finished').waitFor({ timeout: 900_000 });
const end = await moment();
const longestMs = longestTaskMs(JSON.parse(String(await browser.stopTracing())).traceEvents);
await browser.close();
await server.close();
rmSync(folder, { recursive: true });

const epochs = [];
const cpu = [process.cpuUsage()];
await search({
  settings,
  preset: 'small',
  threads,
  onEpoch: ({ seconds }) => {
    epochs.push(seconds);
    cpu.push(process.cpuUsage());
  },
});
const nodeCpu = (cpu[2].user + cpu[2].system - cpu[1].user - cpu[1].system) / 1e6;
console.log(`first step     ${between(clicked, first)} after the click`);
console.log(`second epoch   ${between(half, end)}`);
console.log(`  in Node      ${epochs[1]?.toFixed(1)} s (${nodeCpu.toFixed(1)} s of the processor)`);
console.log(
  `longest task   ${longestMs.toFixed(0)} ms of the processor on the page's thread (0 where none was above 20)`,
);
console.log(`peak memory    ${(end.peakBytes / 1e6).toFixed(0)} MB`);
