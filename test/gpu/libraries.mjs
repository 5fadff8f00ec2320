// onnxruntime-node's libraries for NVIDIA GPUs: installed with the package's own script where they are missing, and looked
// into for what they need of this machine. Exit code 3 where they cannot be had, or cannot be loaded.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { installFailure, neededLibraries } from './verdicts.mjs';

const runtime = fileURLToPath(new URL('../../node_modules/onnxruntime-node', import.meta.url));
const folder = `${runtime}/bin/napi-v6/linux/x64`;
const files = ['cuda', 'shared', 'tensorrt'].map((name) => `${folder}/libonnxruntime_providers_${name}.so`);

function lack(summary, found, cure) {
  console.error(`error: ${summary}\n  found:      ${found}\n  cure:       ${cure}`);
  process.exit(3);
}

if (files.every((file) => existsSync(file))) {
  console.log(`CUDA libraries of onnxruntime-node: there, in ${folder}`);
} else {
  console.log(
    `CUDA libraries of onnxruntime-node: missing; its own script downloads them now from api.nuget.org (some hundred MB)`,
  );
  // `true`, because the script ignores `cuda12`; without npm's variables, which make it do nothing in a clone.
  const { npm_config_local_prefix: _prefix, npm_package_json: _package, ...environment } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${runtime}/script/install.js`], {
    env: { ...environment, ONNXRUNTIME_NODE_INSTALL: 'true' },
    encoding: 'utf8',
  });
  if (status !== 0 || !files.every((file) => existsSync(file))) {
    const { found, cure } = installFailure(`${stdout}\n${stderr}`);
    lack("onnxruntime-node's CUDA libraries cannot be installed.", found, cure);
  }
  console.log(`installed: ${folder}`);
}

const ldd = spawnSync('ldd', [files[0]], { encoding: 'utf8' });
if (ldd.status === 0) {
  const { cuda, cudnn, missing } = neededLibraries(ldd.stdout);
  console.log(`they are built for CUDA ${cuda ?? '(unknown)'} and cuDNN ${cudnn ?? '(unknown)'}`);
  if (missing.length > 0) {
    lack(
      'The CUDA provider cannot be loaded: libraries are missing.',
      `not found: ${missing.join(', ')}`,
      `Install the libraries of CUDA ${cuda ?? ''} and cuDNN ${cudnn ?? ''}, and put their folders on LD_LIBRARY_PATH.`,
    );
  }
}
