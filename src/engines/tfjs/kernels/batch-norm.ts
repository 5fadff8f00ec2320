// Batch norm on [N,H,W,C], where whatever belongs to a channel is a vector that broadcasts by itself. The mean is taken
// first, and the variance of what is left, so that nothing cancels.
import type { Handle } from '../handle.js';
import type { DeviceTensor } from '../tfjs.js';
import type { Call, Kernel } from './kernel.js';

export const channelMean: Kernel<'channelMean'> = (call) => [
  call.result('plain', call.t.channelMean(call.maps(0))),
];

/** A factor for each channel: `vector` times an affine input, which may be one number for all or absent. */
function times(call: Call, vector: DeviceTensor, index: number): DeviceTensor {
  return call.has(index) ? call.t.mul(vector, call.plain(index)) : vector;
}

/** (x - mean) factor + shift. */
function normalise(call: Call, mean: DeviceTensor, factor: DeviceTensor, shift: number): DeviceTensor {
  const { t } = call;
  const centred = t.sub(call.maps(0), mean);
  const scaled = t.mul(centred, factor);
  t.drop(centred);
  return call.has(shift) ? t.add(scaled, t.scalar(call.plain(shift))) : scaled;
}

export const batchNorm: Kernel<'batchNorm'> = (call, { epsilon }) => {
  const { t } = call;
  const x = call.maps(0);
  const mean = t.channelMean(x);
  const squares = t.squaredDifference(x, mean);
  const variance = t.channelMean(squares);
  t.drop(squares);
  const inverseStd = t.rsqrt(t.add(variance, t.device.scalar(epsilon)));
  const y = normalise(call, mean, times(call, inverseStd, 1), 2);
  return [y, mean, variance, inverseStd].map((tensor, i) =>
    call.result(i === 0 ? 'maps' : 'plain', tensor, i),
  );
};

export const batchNormApply: Kernel<'batchNormApply'> = (call) => [
  call.result('maps', normalise(call, call.plain(1), times(call, call.plain(2), 3), 4)),
];

export const batchNormInference: Kernel<'batchNormInference'> = (call, { epsilon }) => {
  const { t } = call;
  const inverseStd = t.rsqrt(t.add(call.plain(2), t.device.scalar(epsilon)));
  return [call.result('maps', normalise(call, call.plain(1), times(call, inverseStd, 3), 4))];
};

/** With c = x - mean and r = inverseStd: xhat mean(D xhat) = c r^2 mean(D c). */
export const batchNormGrad: Kernel<'batchNormGrad'> = (call) => {
  const { t } = call;
  const [dy, mean, inverseStd] = [call.maps(0), call.plain(3), call.plain(4)];
  const centred = t.sub(call.maps(2), mean);
  const products = t.mul(dy, centred);
  const projection = t.mul(t.channelMean(products), inverseStd);
  t.drop(products);
  const results: Handle[] = [inputGrad(call, centred, t.mul(projection, inverseStd))];
  if (call.has(5)) {
    const values = dy.size / projection.size;
    const total = t.mul(projection, t.device.scalar(values));
    const size = call.resultShape(1)[0];
    const summed = size === projection.size ? total : t.reshape(t.sum(total, [0]), [1]);
    results.push(call.result('plain', summed, 1));
  }
  return results;
};

/** scale r (D - mean(D) - c k). A candidate that runs forward only has no use for it. */
function inputGrad(call: Call, centred: DeviceTensor, k: DeviceTensor): Handle {
  const [unread] = call.results.zeros;
  if (call.results.wanted[0] === false && unread !== undefined) return unread;
  const { t } = call;
  const along = t.mul(centred, k);
  t.drop(centred);
  const deviation = t.sub(call.maps(0), call.plain(1));
  const rest = t.sub(deviation, along);
  t.drop(deviation, along);
  return call.result('maps', t.mul(rest, times(call, call.plain(4), 5)));
}
