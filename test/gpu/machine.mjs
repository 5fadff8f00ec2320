// Prints what a receipt would say of this machine.
import process from 'node:process';
import { collectDevice } from '../../dist/src/bench/machine.js';

const { platform, processor, gpus, cudaOfDriver, cudaRuntime, cudnn } = await collectDevice();
const [gpu] = gpus ?? [];
for (const [name, value] of [
  ['platform', platform],
  ['processor', `${processor.model}, ${processor.availableCores} cores`],
  ['node', process.version],
  ['GPU', gpu?.name],
  ['compute capability', gpu?.computeCapability],
  ['driver', gpu?.driver],
  ['CUDA of the driver', cudaOfDriver],
  ['CUDA runtime', cudaRuntime],
  ['cuDNN', cudnn],
])
  console.log(`${name.padEnd(20)}${value ?? 'not found'}`);
