// What the queue itself costs: jobs that only wait, workers of another process, a store in memory. After `npm run build`:
//
//   node test/soak/overhead.mjs [--runs 10000] [--workers 1000] [--server redis]
//
// prints how long it takes to put the runs in, to list them, and to have them all ended; and the coordinator's processor time.
import { fork } from 'node:child_process';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseQueueAddress } from '../../dist/src/queue/address.js';
import { openEngine } from '../../dist/src/queue/engine.js';
import { JobQueue } from '../../dist/src/queue/job-queue.js';
import { plansQueue, queueNameOf } from '../../dist/src/queue/plans.js';
import { readerOf } from '../../dist/src/queue/queue-state.js';
import { work } from '../../dist/src/queue/worker.js';
import { startServer } from './servers.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '1000' },
    'wait-ms': { type: 'string', default: '1000' },
    server: { type: 'string', default: 'redis' },
    address: { type: 'string' },
  },
});
const [runs, workers, waitMs] = [values.runs, values.workers, values['wait-ms']].map(Number);
const tools = { genonnx: '0.0.0-simulated' };
const plan = { tools, store: 'memory' };

if (values.address === undefined) await coordinate();
else await simulate(values.address);

async function coordinate() {
  const server = await startServer(values.server);
  const address = server.addressAt('127.0.0.1');
  const engine = await openEngine(parseQueueAddress(address));
  const plans = engine.board(plansQueue);
  await plans.add('simulated', plan, { jobId: queueNameOf(plan) });
  const board = engine.board(queueNameOf(plan));
  const jobs = new JobQueue(board);
  const signal = new AbortController().signal;
  const cpuMs = (before) => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const timed = (began) => `${((performance.now() - began) / 1000).toFixed(2)} s`;

  const cpuBefore = process.cpuUsage();
  let began = performance.now();
  const ended = Array.from({ length: runs }, (_, at) => {
    const id = `train-${at.toString(16).padStart(32, '0')}`;
    return jobs.run({ id, args: ['train'], title: `training: run ${at}` }, signal);
  });
  while ((await board.getJobCounts('waiting')).waiting < runs) await wait(50);
  const putMs = cpuMs(cpuBefore);
  console.log(
    `${runs} runs put into the queue in ${timed(began)} (processor: ${(putMs / 1000).toFixed(2)} s)`,
  );

  const reader = await readerOf(engine);
  began = performance.now();
  const cpuList = process.cpuUsage();
  const states = await reader.read(runs);
  const listMs = cpuMs(cpuList);
  console.log(
    `${states[0].jobs.length} runs listed in ${timed(began)} (processor: ${(listMs / 1000).toFixed(2)} s)`,
  );

  const cpuListed = process.cpuUsage();
  const child = fork(fileURLToPath(import.meta.url), [
    ...['--address', address, '--workers', String(workers), '--wait-ms', String(waitMs)],
  ]);
  await new Promise((resolve) => child.once('message', resolve));
  began = performance.now();
  const results = await Promise.all(ended);
  const coordinatorMs = putMs + cpuMs(cpuListed);
  const well = results.filter((result) => result?.exitCode === 0).length;
  console.log(
    `${well} ended well on ${workers} workers, each after ${waitMs} ms, in ${timed(began)} (${((runs * waitMs) / workers / 1000).toFixed(1)} s at best)`,
  );
  console.log(`${(coordinatorMs / runs).toFixed(2)} ms of the coordinator's processor time a run`);
  child.kill('SIGKILL');
  await reader.close();
  await jobs.close();
  await plans.close();
  await server.stop();
  process.exit();
}

async function simulate(address) {
  const engine = await openEngine(parseQueueAddress(address));
  const store = {
    shown: 'memory',
    id: async () => 'memory',
    published: async () => undefined,
    begun: async () => ({ attempts: [], checkpoint: null }),
    requireRoom: async () => {},
    tidy: async () => {},
    open: async (id) => ({
      begun: { attempts: [], checkpoint: null },
      folder: `/nonexistent/${id}`,
      log: `/nonexistent/${id}.log`,
      attempt: async () => {},
      save: async () => {},
      publish: async () => ({
        published: { format: 1, id, attempts: [], continuedElsewhere: false, files: {} },
      }),
    }),
  };
  const startChild = async () => {
    await wait(waitMs);
    return { exitCode: 0, lastLines: [] };
  };
  const signal = new AbortController().signal;
  let serving = 0;
  for (let at = 0; at < workers; at++) {
    const line = (text) => {
      if (!text.startsWith('serves')) return;
      serving += 1;
      if (serving === 1) process.send('serving');
    };
    work({
      engine,
      store,
      slots: 1,
      startChild,
      tools,
      checksumsOf: async () => ({}),
      signal,
      line,
      host: `host${at}`,
    });
  }
}
