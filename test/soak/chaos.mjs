// A study of many tiny runs over a queue, while everything that can die does, and what it comes to compared with the same study
// without a queue. `npm run soak`, or after `npm run build`:
//
//   node test/soak/chaos.mjs [--runs 200] [--workers 4] [--kills 20] [--server redis] [--http 2] [--seed 1] [--epochs 2]
//
// At random moments workers are killed with SIGKILL, the server is killed and started again, the study's process is, a worker is
// suspended for longer than its lock, the store is full for some seconds, where this machine lets it be a small tmpfs, and the first
// worker is cut off from the network for longer than its lock, where this machine lets it have a network of its own (root,
// iproute2). The first `--http` workers reach the store through the study's process, which is away when that is killed.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { farMachine } from './network.mjs';
import { freePort, startServer } from './servers.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    workers: { type: 'string', default: '4' },
    kills: { type: 'string', default: '20' },
    server: { type: 'string', default: 'redis' },
    http: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '2' },
  },
});
const [runs, workers, kills, http] = [values.runs, values.workers, values.kills, values.http].map(Number);
const patienceS = 5;
const command = fileURLToPath(new URL('../../bin/genonnx.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'genonnx-soak-'));
const store = join(folder, 'store');
const file = join(folder, 'soak.yaml');
const random = randomFrom(Number(values.seed));
const began = performance.now();
const said = (text) =>
  console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${text}`);

writeFileSync(
  file,
  `name: Soak
data: fashion-mnist
limit: 96
seeds: [${Array.from({ length: runs }, (_, i) => i + 1).join(', ')}]
methods: [{method: random}]
train: {epochs: ${values.epochs}, batch: 8, channels: 4, cells: 1, checkpoint-seconds: 0}
`,
);

// What is made for the store over HTTP is a machine's own, and goes with the soak.
const env = { ...process.env, GENONNX_TOKEN: 'soak', XDG_CACHE_HOME: join(folder, 'cache') };
const start = (args, name, prefix = []) => {
  const [program, ...rest] = [...prefix, process.execPath, command, ...args];
  const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'], env });
  const one = { name, child, words: '', code: undefined };
  child.stderr.on('data', (piece) => {
    one.words += piece;
  });
  one.ended = new Promise((resolve) =>
    child.once('exit', (code, signal) => {
      one.code = code ?? signal;
      resolve(one.code);
    }),
  );
  return one;
};

said(`${runs} runs without a queue`);
const whole = start(['study', file, '--out', join(folder, 'whole'), '--jobs', '2'], 'whole');
if ((await whole.ended) !== 0) throw new Error(whole.words);

mkdirSync(store);
const isSmall = mounted(store);
const far = farMachine();
const server = await startServer(values.server, far === undefined ? [] : [far.address]);
const port = await freePort();
const startWorker = (at) => {
  const isFar = far !== undefined && at === 0;
  const host = isFar ? far.address : '127.0.0.1';
  const place = at < http ? `http://${host}:${port}` : store;
  const queue = ['--queue', server.addressAt(host), '--store', place];
  return start(['worker', ...queue, '--patience', String(patienceS)], 'worker', isFar ? far.start : []);
};
const startStudy = () => {
  const queue = ['--queue', server.addressAt('127.0.0.1'), '--store', store];
  return start(['study', file, ...queue, '--serve', String(port)], 'study');
};
said(
  `the same over ${values.server} on ${workers} workers, ${http} of them with the store over HTTP${isSmall ? ', in a store of 512 MiB' : ''}${far === undefined ? '' : ', one of them behind a cable'}`,
);
const alive = Array.from({ length: workers }, (_, at) => startWorker(at));
let study = startStudy();
let output = '';
let killed;
const isStudyBeingKilled = () => study === killed;
const counts = {
  'worker killed': 0,
  'server killed': 0,
  'study killed': 0,
  'worker suspended': 0,
  'store full': 0,
  'cable cut': 0,
};
const published = () => {
  try {
    return readdirSync(join(store, 'runs')).length;
  } catch {
    return 0;
  }
};

const killWorker = async () => {
  const at = Math.floor(random() * alive.length);
  alive[at].child.kill('SIGKILL');
  await alive[at].ended;
  output += alive[at].words;
  alive[at] = startWorker(at);
};
const deeds = {
  'worker killed': killWorker,
  'server killed': () => server.restart(),
  'study killed': async () => {
    if (study.code !== undefined) return;
    killed = study;
    study.child.kill('SIGKILL');
    await study.ended;
    study = startStudy();
  },
  'worker suspended': async () => {
    const { child } = alive[Math.floor(random() * alive.length)];
    child.kill('SIGSTOP');
    await wait(patienceS * 2500);
    child.kill('SIGCONT');
  },
  'store full': async () => {
    const filler = join(store, 'filler');
    // What is free changes at every moment.
    for (let tries = 0; tries < 20; tries++) {
      const { bavail, bsize } = statfsSync(store);
      const { status } = spawnSync('fallocate', ['-l', String(bavail * bsize), filler]);
      if (status === 0) break;
    }
    await wait(5000);
    rmSync(filler, { force: true });
  },
  'cable cut': async () => {
    far.cut();
    await wait(patienceS * 2500);
    far.mend();
  },
};
// One of each of the others among the kills, spread over the runs.
const plan = [
  ...Array.from({ length: kills }, () => 'worker killed'),
  ...['server killed', 'server killed', 'study killed', 'study killed', 'worker suspended'],
  ...(isSmall ? ['store full'] : []),
  ...(far === undefined ? [] : ['cable cut', 'cable cut']),
];
for (let at = plan.length - 1; at > 0; at--) {
  const other = Math.floor(random() * (at + 1));
  [plan[at], plan[other]] = [plan[other], plan[at]];
}
const due = plan.map((_, at) => Math.floor(((at + 1) / (plan.length + 1)) * runs));
/** Of each kind one at a time; of several kinds at once as it comes. */
const doing = new Map();
while (study.code === undefined || isStudyBeingKilled()) {
  if (plan.length > 0 && published() >= due[due.length - plan.length]) {
    const what = plan.shift();
    const before = doing.get(what);
    doing.set(
      what,
      (async () => {
        await before;
        counts[what] += 1;
        said(`${published()} published: ${what}`);
        await deeds[what]();
      })(),
    );
  }
  await wait(200);
}
await Promise.all(doing.values());
const seconds = (performance.now() - began) / 1000;
for (const { child } of alive) child.kill('SIGINT');
await Promise.all(alive.map(({ ended }) => ended));
output += alive.map(({ words }) => words).join('');

const results = (of) =>
  JSON.stringify(JSON.parse(readFileSync(join(of, 'study.json'), 'utf8')), (key, value) =>
    key === 'times' ? undefined : value,
  );
const own = join(store, 'studies', 'soak');
// A probe for room may have been killed.
const left = readdirSync(join(store, 'unfinished')).filter((name) => !name.endsWith('.tmp'));
const checks = {
  'the study ended well': study.code === 0,
  'study.json is the same': results(own) === results(join(folder, 'whole')),
  'each run is published once': published() === runs,
  'nothing is left unfinished': left.length === 0,
  'none was made differently': !output.includes('was made twice'),
  'all was done that was planned': plan.length === 0,
};
const wentOn = readdirSync(join(store, 'runs')).filter(
  (id) => JSON.parse(readFileSync(join(store, 'runs', id, 'published.json'), 'utf8')).continuedElsewhere,
).length;
const madeTwice = output.split('\n').filter((line) => line.startsWith('done:')).length - runs;
said(
  `${seconds.toFixed(0)} s in all; ${JSON.stringify(counts)}; ${Math.max(0, madeTwice)} ended by more than one worker, ${wentOn} went on on the other machine`,
);
for (const [name, isSo] of Object.entries(checks)) said(`${isSo ? 'yes' : 'NO '}  ${name}`);
const isWell = Object.values(checks).every(Boolean);
if (left.length > 0) said(`left: ${left.join(', ')}`);
if (!isWell) said(study.words.split('\n').slice(-12).join('\n'));
await server.stop();
far?.remove();
if (isSmall) execFileSync('umount', [store]);
if (isWell) rmSync(folder, { recursive: true, force: true });
else said(`left as it is: ${folder}`);
process.exitCode = isWell ? 0 : 1;

/** Whether the folder is a file system of its own, which can be filled. */
function mounted(path) {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512m', 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
