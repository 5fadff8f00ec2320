// What ran where, in words: the providers that ran the nodes, those that fell back to the CPU, and the mode of TF32.
import { percent } from '../../report/format.js';
import type { Placement } from '../profile-summary.js';
import { cpuProvider, runtimeProvider } from '../providers.js';
import type { Measurement } from '../results.js';
import { counted } from './numbers.js';

/** The nodes of one measurement; a line each for what ran, what fell back, and how float32 was multiplied. */
export function placementLines({ execution, hostCopyMs }: Measurement): string[] {
  const { placement, tf32, asked } = execution;
  const lines =
    placement === null
      ? ['the runtime gives no profile: where the nodes ran is not known']
      : [providersText(placement.providers)];
  if (placement !== null && placement.cpuFallback.nodes > 0) {
    const { nodes, timeShare, operators } = placement.cpuFallback;
    lines.push(
      `fell back to the CPU: ${counted(nodes, 'node')}, ${percent(timeShare)} of the time: ${operatorsText(operators)}`,
    );
  }
  if (placement !== null && placement.providers.length > 1 && isTimedByHost(asked))
    lines.push('shares are of what the host spends: kernels of a device are started, not awaited');
  if (placement !== null && placement.copyNodes > 0)
    lines.push(`${counted(placement.copyNodes, 'copy', 'copies')} between device and host`);
  if (tf32 !== null) lines.push(tf32 === 'off' ? 'TF32 off' : 'TF32 allowed for float32');
  if (runsOnDevice(asked) && hostCopyMs === null)
    lines.push('latencies include copying inputs and outputs between host and device');
  return lines;
}

function providersText(providers: Placement['providers']): string {
  const [first] = providers;
  if (first !== undefined && providers.length === 1)
    return `all ${counted(first.nodes, 'node')} on ${first.provider}`;
  return providers
    .map(
      ({ provider, nodes, timeShare }) =>
        `${counted(nodes, 'node')} on ${provider} (${percent(timeShare)} of the time)`,
    )
    .join(', ');
}

/** Whether a provider has memory of its own, and is started by the host rather than run by it. */
export function runsOnDevice(asked: Measurement['execution']['asked']): boolean {
  return runtimeProvider[asked] !== cpuProvider;
}

/** Whether a profile has what the host spends on a node of a device; a browser's has the device's own times. */
export function isTimedByHost(asked: Measurement['execution']['asked']): boolean {
  return runsOnDevice(asked) && asked !== 'web-webgpu';
}

/** The most frequent first. */
export function operatorsText(operators: Readonly<Record<string, number>>): string {
  return Object.entries(operators)
    .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
    .map(([operator, count]) => `${count} ${operator}`)
    .join(', ');
}

export interface PlacementGroup {
  /** Indices of the measurements of which these lines are true. */
  readonly indices: readonly number[];
  readonly lines: readonly string[];
}

/** Measurements whose nodes ran alike, in the order of the first of each. */
export function placementGroups(measurements: readonly Measurement[]): PlacementGroup[] {
  const groups = new Map<string, { indices: number[]; lines: readonly string[] }>();
  measurements.forEach((measurement, index) => {
    const lines = placementLines(measurement);
    const key = lines.join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { indices: [index], lines });
    else group.indices.push(index);
  });
  return [...groups.values()];
}
