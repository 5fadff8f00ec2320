// How long each node keeps a GPU busy. For a GPU a profile says of a node what the host spends on it, which is starting
// its kernels; the time by operation or by cell would be one of the host. onnxruntime-web adds an event for each kernel,
// taken from the device's own timestamps and on the clock of the others: category `Api`, and the name
// `node&operator&kernel`.
import { z } from 'zod';
import type { Profile } from '../profile.js';
import { cpuProvider } from '../providers.js';

const eventsSchema = z.array(
  z.object({ cat: z.string(), name: z.string(), ts: z.number(), dur: z.number() }),
);

/**
 * The profile with the device's times at the nodes that ran there, where its text has any: a device need not have
 * timestamps. A node without kernels, one that only changes a shape, takes none. `warmUpRuns` as in `readProfile`.
 */
export function withDeviceTimes(profile: Profile, text: string, warmUpRuns = 1): Profile {
  const events = eventsSchema.parse(JSON.parse(text));
  const begins = events
    .filter(({ cat, name }) => cat === 'Session' && name === 'model_run')
    .map(({ ts }) => ts)
    .sort((a, b) => a - b);
  const counted = begins[warmUpRuns] ?? 0;
  const kernels = events.filter(({ cat }) => cat === 'Api');
  if (kernels.length === 0) return profile;
  const times = new Map<string, number>();
  for (const { name, ts, dur } of kernels) {
    if (ts < counted) continue;
    const node = name.slice(0, name.lastIndexOf('&'));
    times.set(node, (times.get(node) ?? 0) + dur / 1000);
  }
  return {
    ...profile,
    nodes: profile.nodes.map((node) => {
      if (node.provider === cpuProvider) return node;
      const key = `${node.name}&${node.operator}`;
      const timeMs = times.get(key) ?? 0;
      // Nodes of one name are not told apart: the first has the time of all.
      times.delete(key);
      return { ...node, timeMs };
    }),
  };
}
