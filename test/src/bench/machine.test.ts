import { describe, expect, it } from 'vitest';
import { collectDevice, type System, thisSystem } from '../../../src/bench/machine.js';
import { libraryVersion, parseCpuinfo, parseGpus } from '../../../src/bench/machine-texts.js';
import { deviceSchema, tf32Mode } from '../../../src/bench/receipt.js';

const cpuinfo = `processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R) Platinum 8480C
flags\t\t: fpu vme smep smap sse4_2 avx2 avx512f avx512_vnni amx_int8 fma f16c rdpid

processor\t: 1
model name\t: Another
`;

const bare: System = {
  run: async () => null,
  readText: async () => null,
  list: async () => [],
  environment: {},
  platform: 'linux',
  architecture: 'x64',
  processor: 'As Node has it',
  cores: 8,
  availableCores: 4,
  memoryBytes: 2 ** 34,
};

const withGpu: System = {
  ...bare,
  readText: async (path) => (path === '/proc/cpuinfo' ? cpuinfo : null),
  run: async (command, [first]) => {
    if (command === 'ldconfig')
      return '2 libs found\n\tlibcudnn.so.9 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libcudnn.so.9\n';
    if (command !== 'nvidia-smi') return null;
    return first === undefined
      ? '| NVIDIA-SMI 550.54.15    Driver Version: 550.54.15    CUDA Version: 12.4     |'
      : 'NVIDIA H100 80GB HBM3, 550.54.15, 81559, 9.0\n';
  },
  list: async (folder) =>
    ({
      '/usr/lib/x86_64-linux-gnu': [
        'libc.so.6',
        'libcudnn.so.9',
        'libcudnn.so.9.1.0',
        'libcudnn_ops.so.9.9.9.9',
      ],
      '/opt/cuda/lib64': ['libcudart.so', 'libcudart.so.12', 'libcudart.so.12.8.90'],
    })[folder] ?? [],
  environment: { LD_LIBRARY_PATH: ':/opt/none:/opt/cuda/lib64' },
};

describe('collectDevice', () => {
  it('finds processor, GPU, driver and libraries', async () => {
    const device = await collectDevice(withGpu);
    expect(device).toEqual({
      platform: 'linux x64',
      processor: {
        model: 'Intel(R) Xeon(R) Platinum 8480C',
        flags: ['amx_int8', 'avx2', 'avx512_vnni', 'avx512f', 'f16c', 'fma', 'sse4_2'],
        cores: 8,
        availableCores: 4,
      },
      memoryBytes: 2 ** 34,
      gpus: [
        {
          name: 'NVIDIA H100 80GB HBM3',
          driver: '550.54.15',
          memoryBytes: 81559 * 2 ** 20,
          computeCapability: '9.0',
        },
      ],
      cudaOfDriver: '12.4',
      cudaRuntime: '12.8.90',
      cudnn: '9.1.0',
    });
    expect(deviceSchema.parse(device)).toEqual(device);
  });

  it('says null for what does not answer', async () => {
    expect(await collectDevice(bare)).toMatchObject({
      processor: { model: 'As Node has it', flags: null },
      gpus: null,
      cudaOfDriver: null,
      cudaRuntime: null,
      cudnn: null,
    });
  });

  it('asks Linux only for what Linux has', async () => {
    const { processor, cudnn } = await collectDevice({ ...withGpu, platform: 'darwin' });
    expect(processor).toMatchObject({ model: 'As Node has it', flags: null });
    expect(cudnn).toBeNull();
  });

  it('describes the machine that runs this', async () => {
    const device = await collectDevice();
    expect(deviceSchema.parse(device)).toEqual(device);
    expect(device.processor.model).not.toBe('unknown');
  });

  it('takes a command that fails, or is not there, for no answer', async () => {
    const { run } = thisSystem();
    expect(await run('genonnx-no-such-command', [])).toBeNull();
    expect(await run(process.execPath, ['-e', 'console.log(1); process.exit(1)'])).toBeNull();
    expect(await run(process.execPath, ['-e', 'console.log(1)'])).toBe('1');
  });
});

it('reads an ARM machine, which has features and no name', () => {
  const text = 'processor\t: 0\nFeatures\t: fp asimd crc32 fphp asimdhp asimddp sve i8mm bf16 sme sme2\n';
  expect(parseCpuinfo(text)).toEqual({
    model: null,
    flags: ['asimd', 'asimddp', 'asimdhp', 'bf16', 'fphp', 'i8mm', 'sme', 'sme2', 'sve'],
  });
});

it('reads several GPUs, and fields that a driver does not know', () => {
  const gpus = parseGpus('Tesla K80, 470.1, 11441, [N/A]\nA, 1.2, [N/A], 8.6\n\n');
  expect(gpus.map(({ name }) => name)).toEqual(['Tesla K80', 'A']);
  expect(gpus[0]?.computeCapability).toBeNull();
  expect(gpus[1]).toMatchObject({ memoryBytes: null, computeCapability: '8.6' });
  expect(parseGpus('')).toEqual([]);
});

it('takes the most exact version of a library, and no other library', () => {
  expect(libraryVersion(['libcudnn.so.9.10.2', 'libcudnn.so.9'], 'libcudnn')).toBe('9.10.2');
  expect(libraryVersion(['libcudnn.so', 'libcudnn_ops.so.9'], 'libcudnn')).toBeNull();
});

it('knows when NVIDIA may round float32', () => {
  expect(tf32Mode('cuda', {})).toBe('allowed');
  expect(tf32Mode('tensorrt', { NVIDIA_TF32_OVERRIDE: '1' })).toBe('allowed');
  expect(tf32Mode('cuda', { NVIDIA_TF32_OVERRIDE: '0' })).toBe('off');
  expect(tf32Mode('cpu', { NVIDIA_TF32_OVERRIDE: '0' })).toBeNull();
});
