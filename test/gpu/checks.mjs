// The checks themselves, through the built command; run.sh has prepared what they need. One line a check, and a summary;
// exit code 1 if one failed. Results are kept in the folder that --out names.
//
//   node test/gpu/checks.mjs --out FOLDER [--provider cuda|webgpu] [--quick]
//
// `--provider webgpu` runs those that do not depend on NVIDIA on any device with Vulkan; `--quick` leaves the large network
// and large batches out.
import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runtimeProvider } from '../../dist/src/bench/providers.js';
import { parseResults } from '../../dist/src/bench/results.js';
import { probeTfjs } from '../../dist/src/engines/tfjs/load.js';
import { refusedModel, refusedOperator } from './refused-model.mjs';
import * as verdicts from './verdicts.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    provider: { type: 'string', default: 'cuda' },
    quick: { type: 'boolean', default: false },
  },
});
if (values.out === undefined) throw new Error('--out FOLDER is missing');
const { out, provider, quick } = values;

const root = fileURLToPath(new URL('../..', import.meta.url));
const batches = quick ? [1] : [1, 8, 64];
/** What a run that is not read as a figure needs. */
const short = ['--rounds', '2', '--runs', '4', '--seconds', '1', '--no-roofline'];
const effort = quick ? short : [];

/** Whoever runs this may have forbidden TF32 already; here every check says for itself. */
const { NVIDIA_TF32_OVERRIDE: _set, ...environment } = process.env;

/** TF32 has float16's 10 bits of mantissa, so that it may depart as `validate` lets float16. */
const modes =
  provider === 'cuda'
    ? [
        { tf32: 'allowed', relative: 2e-2, flags: [], environment: {} },
        { tf32: 'off', relative: 1e-3, flags: ['--no-tf32'], environment: { NVIDIA_TF32_OVERRIDE: '0' } },
      ]
    : [{ tf32: null, relative: 1e-3, flags: [], environment: {} }];

async function run(args, added = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...environment, ...added },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, exitCode };
}

function genonnx(...args) {
  return run(['bin/genonnx.mjs', ...args]);
}

const found = [];

async function check(name, verdictOf) {
  process.stderr.write(`now: ${name}\n`);
  // One that breaks off must not take the others with it.
  const verdict = await verdictOf().catch((error) => ({ outcome: 'failed', text: String(error) }));
  found.push({ name, ...verdict });
  console.log(verdicts.line(name, verdict));
}

/** Measures, keeps the results, and asks where the nodes ran. */
async function bench(file, keptAs, { asked, flags, ...expected }) {
  const ended = await genonnx(
    'bench',
    file,
    ...['--provider', asked],
    ...['--batch', expected.batches.join(), '--json'],
    ...effort,
    ...flags,
  );
  if (ended.exitCode !== 0) return { ended };
  const path = join(out, `${keptAs}.json`);
  await writeFile(path, ended.stdout);
  const results = parseResults(ended.stdout, path);
  return { ended, verdict: verdicts.placement(results, { ...expected, provider: runtimeProvider[asked] }) };
}

async function compiled(name, genotype, ...sizes) {
  const file = join(out, `${name}.onnx`);
  const ended = await genonnx(
    'compile',
    ...['--genotype', genotype, '--seed', '1', '--out', file, '--force'],
    ...sizes.map(String),
  );
  if (ended.exitCode !== 0) throw new Error(`compile ended with ${ended.exitCode}: ${ended.stderr}`);
  return { name, file };
}

const classifier = (name, cells, channels) =>
  compiled(name, 'DARTS_V2', '--cells', cells, '--channels', channels, '--classes', 10);

/** Compares what a model answers on the provider with what it answers elsewhere. */
async function checkOutputs({ name, file, reference, text = [] }, { tf32, relative, environment: added }) {
  await check(
    `outputs of ${name} on ${provider}${tf32 === null ? '' : `, TF32 ${tf32}`}, against ${reference}`,
    async () => {
      const kept = join(out, `outputs-${name}-${tf32 ?? provider}.safetensors`);
      const ran = await run(
        ['test/gpu/run-model.mjs', file, provider, '2', kept, ...text.map(String)],
        added,
      );
      if (ran.exitCode !== 0) return verdicts.unexpectedEnd(ran);
      const { exitCode, stdout } = await genonnx(
        'validate',
        `${reference}:${file}`,
        kept,
        ...['--absolute', '1e-5', '--relative', String(relative), '--json'],
      );
      return verdicts.agreement(exitCode, stdout === '' ? undefined : JSON.parse(stdout));
    },
  );
}

await mkdir(out, { recursive: true });
// The interpreter is slow: what it compares is small. The large network is compared with the CPU.
const small = { ...(await classifier('small', 3, quick ? 4 : 16)), reference: 'interpreter' };
const networks = quick ? [small] : [small, { ...(await classifier('darts-v2', 20, 36)), reference: 'node' }];

for (const { name, file } of networks)
  for (const { tf32, flags } of modes)
    await check(`bench ${name} on ${provider}${tf32 === null ? '' : `, TF32 ${tf32}`}`, async () => {
      const keptAs = `bench-${name}-${provider}${tf32 === null ? '' : `-tf32-${tf32}`}`;
      const { ended, verdict } = await bench(file, keptAs, { asked: provider, batches, tf32, flags });
      return verdict ?? verdicts.unexpectedEnd(ended);
    });

const refused = join(out, 'refused.onnx');
await writeFile(refused, refusedModel());
await check(`${refusedOperator} on ${provider} is refused`, async () =>
  verdicts.refusal(await genonnx('bench', refused, '--provider', provider, '--json', ...short)),
);
await check(`${refusedOperator} on ${provider} with --allow-fallback`, async () => {
  const ended = await genonnx(
    'bench',
    refused,
    '--provider',
    provider,
    '--allow-fallback',
    '--json',
    ...short,
  );
  if (ended.exitCode !== 0) return verdicts.unexpectedEnd(ended);
  const results = parseResults(ended.stdout, refused);
  return verdicts.namedFallback(results, runtimeProvider[provider], refusedOperator);
});

for (const network of networks) for (const mode of modes) await checkOutputs(network, mode);

if (provider === 'cuda') {
  // Odd maps, dilated pools and interpolation, at the smallest output stride. With a fixed batch no node calculates shapes, which
  // runtimes leave to the processor.
  const pixels = await compiled(
    'pixels',
    'DATA_M7',
    ...'--network deeplab --cells 5 --channels 8 --image 65x65x3 --aspp-width 32 --output-stride 8 --batch 2'.split(
      ' ',
    ),
  );
  const sizes = '--network imagenet --cells 5 --channels 8 --classes 10 --image 64x64x3'.split(' ');
  const imagenet = await compiled('imagenet', 'DATA_M7', ...sizes);
  for (const network of [pixels, imagenet])
    for (const mode of modes) await checkOutputs({ ...network, reference: 'interpreter' }, mode);

  // Texts of five words, and one word at a time: the step model has no Scan.
  const words = 500;
  const language = await compiled(
    'language',
    'DARTS_V2_RNN',
    '--network',
    'recurrent',
    '--width',
    64,
    '--words',
    words,
  );
  for (const mode of modes) {
    await checkOutputs({ ...language, reference: 'interpreter', text: [words, 5] }, mode);
    const file = language.file.replace('.onnx', '.step.onnx');
    await checkOutputs({ name: 'language-step', file, reference: 'interpreter', text: [words, 1] }, mode);
  }

  for (const [asked, own] of [
    ['tensorrt', { batches: [1, 8], tf32: 'allowed' }],
    ['webgpu', { batches: [1], tf32: null }],
  ])
    await check(`bench small on ${asked}`, async () => {
      const { ended, verdict } = await bench(small.file, `bench-small-${asked}`, {
        asked,
        flags: [],
        ...own,
      });
      return verdict ?? verdicts.notStarted(ended) ?? verdicts.unexpectedEnd(ended);
    });

  await check('engine tfjs-node-gpu', async () => {
    const { found: tfjs, missing } = await probeTfjs();
    if (tfjs?.package !== '@tensorflow/tfjs-node-gpu' || !tfjs.gpu)
      return {
        outcome: 'skipped',
        text: `missing: ${missing ?? '@tensorflow/tfjs-node-gpu'} (docs/engines.md)`,
      };
    const ended = await run(['node_modules/vitest/vitest.mjs', 'run', 'test/src/engines/tfjs'], {
      NVIDIA_TF32_OVERRIDE: '0',
    });
    if (ended.exitCode !== 0) return verdicts.unexpectedEnd(ended);
    const sizes = ['--limit', '4000', '--width', '32', '--batch', '16', '--bptt', '10', '--epochs', '1'];
    const folder = join(out, 'language-search');
    await rm(folder, { recursive: true, force: true });
    const searched = await genonnx(
      'search',
      ...['--data', 'sotu', '--preset', 'small', '--engine', 'tfjs', '--out', folder],
      ...sizes,
    );
    if (searched.exitCode !== 0) return verdicts.unexpectedEnd(searched);
    return {
      outcome: 'ok',
      text: `its tests pass on ${tfjs.description}, and a recurrent cell was searched`,
    };
  });
}

await writeFile(join(out, 'checks.json'), `${JSON.stringify(found, null, 2)}\n`);
const { text: words, exitCode } = verdicts.summary(found);
console.log(words);
process.exitCode = exitCode;
