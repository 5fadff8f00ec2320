// run.sh on machines that lack something: made up by programs on PATH and packages in a folder, so that it is the same test
// on a machine that has a GPU. What really runs on a device is in checks.test.ts.
import { chmodSync, cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { freshFolder } from '../e2e/command.js';

const here = fileURLToPath(new URL('.', import.meta.url));

const listsOne = 'echo "GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-0)"';
const drivers = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers';
const installs = `const { mkdirSync, writeFileSync } = require('node:fs');
if (process.env.ONNXRUNTIME_NODE_INSTALL !== 'true') throw new Error('not told to install');
if (process.env.npm_config_local_prefix !== undefined) throw new Error('would do nothing');
mkdirSync('node_modules/onnxruntime-node/bin/napi-v6/linux/x64', { recursive: true });
for (const name of ['cuda', 'shared', 'tensorrt']) writeFileSync(\`${drivers}_\${name}.so\`, '');`;
const offline = "throw new Error('getaddrinfo ENOTFOUND api.nuget.org');";

interface Machine {
  /** Shell commands by program name. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Of the clone. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs the script in a clone that has `files`, on a machine that has `programs` and little else. */
async function runSh(args: readonly string[], { programs = {}, files = {} }: Machine = {}) {
  const clone = freshFolder();
  mkdirSync(join(clone, 'test/gpu'), { recursive: true });
  for (const name of readdirSync(here).filter((name) => /\.(sh|mjs)$/.test(name)))
    cpSync(join(here, name), join(clone, 'test/gpu', name));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), text);
  }
  const bin = join(clone, 'bin-of-machine');
  mkdirSync(bin);
  for (const [name, commands] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${commands}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  for (const name of ['bash', 'dirname', 'uname', 'grep', 'head', 'mkdir', 'cat']) {
    const { stdout } = await execa('which', [name]);
    symlinkSync(stdout, join(bin, name));
  }
  symlinkSync(process.execPath, join(bin, 'node'));
  return await execa('bash', [join(clone, 'test/gpu/run.sh'), ...args], {
    cwd: clone,
    env: { PATH: bin, npm_config_local_prefix: clone },
    extendEnv: false,
    reject: false,
  });
}

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('run.sh', () => {
  it('ends with 3 where there is no driver, and says what it looked for', async () => {
    const { exitCode, stdout, stderr } = await runSh([]);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toContain('There is no NVIDIA GPU here');
    expect(stderr).toContain('looked for: nvidia-smi on PATH');
  });

  it.each([
    ['fails', 'echo "NVIDIA-SMI has failed because it could not talk to the driver."; exit 9', 'has failed'],
    ['lists none', 'echo "No devices found."', 'No devices found.'],
  ])('ends with 3 where nvidia-smi %s', async (_, commands, said) => {
    const { exitCode, stderr } = await runSh([], { programs: { 'nvidia-smi': commands } });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('nvidia-smi lists no GPU; it says: ');
    expect(stderr).toContain(said);
  });

  it('ends with 3 before npm ci', async () => {
    const { exitCode, stdout, stderr } = await runSh([], { programs: { 'nvidia-smi': listsOne } });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('GPU 0: NVIDIA H100');
    expect(stderr).toMatch(/packages are not installed[\s\S]*npm ci/);
  });

  it('ends with 3 where the CUDA libraries cannot be downloaded', async () => {
    const { exitCode, stdout, stderr } = await runSh([], {
      programs: { 'nvidia-smi': listsOne },
      files: { 'node_modules/onnxruntime-node/script/install.js': offline },
    });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('downloads them now from api.nuget.org');
    expect(stderr).toMatch(/api\.nuget\.org cannot be reached \(ENOTFOUND\)[\s\S]*network/);
  });

  it('ends with 3 where libraries of CUDA are missing, and names them', async () => {
    const { exitCode, stdout, stderr } = await runSh([], {
      programs: {
        'nvidia-smi': listsOne,
        ldd: 'printf "\\tlibcudart.so.13 => not found\\n\\tlibcudnn.so.9 => /lib/libcudnn.so.9 (0x1)\\n"',
      },
      files: { 'node_modules/onnxruntime-node/script/install.js': installs },
    });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('built for CUDA 13 and cuDNN 9');
    expect(stderr).toMatch(/not found: libcudart\.so\.13\n[\s\S]*LD_LIBRARY_PATH/);
  });

  it('installs, builds, runs the checks, and ends as they do', async () => {
    const { exitCode, stdout } = await runSh(['--out', 'kept'], {
      programs: {
        'nvidia-smi': listsOne,
        ldd: 'printf "\\tlibcudart.so.12 => /lib/libcudart.so.12 (0x1)\\n"',
      },
      files: {
        'node_modules/onnxruntime-node/script/install.js': installs,
        'bin/build.mjs': "console.log('built');",
        'test/gpu/machine.mjs': "console.log('machine');",
        'test/gpu/checks.mjs':
          "console.log(process.argv.slice(2).join(' ').replace(process.cwd(), '.')); process.exitCode = 1;",
      },
    });
    expect(stdout.split('\n').slice(-3)).toEqual(['built', 'machine', '--out ./kept']);
    expect(exitCode).toBe(1);
  });

  it('refuses arguments that it does not know', async () => {
    const { exitCode, stderr } = await runSh(['--fast']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('unknown argument --fast');
    expect((await runSh(['--out'])).exitCode).toBe(2);
  });
});
