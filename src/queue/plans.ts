// One queue for each version and each state of the data: a worker of another version, or with other data, never sees a job that
// it would do differently. Which queues there are stands in a queue of its own, whose jobs nobody takes: a worker reads them,
// and serves the queues of its version whose data it has.
import { z } from 'zod';
import { hashOf } from './job.js';

/** The queue of the queues. */
export const plansQueue = 'genonnx-plans';
/** Of which the newest are looked at. */
export const mostPlans = 10_000;

/** What the jobs of a queue have in common. */
export const planSchema = z.object({
  tools: z.record(z.string(), z.string()),
  /** The id of the store that they are published in. */
  store: z.string(),
  /** As commands name it, and the checksums of its files; absent where the jobs read none. */
  data: z
    .object({
      task: z.string(),
      name: z.string(),
      /** With which it is read: part of it, with or without broken pictures, beside a backbone. */
      limit: z.int().optional(),
      skipBroken: z.boolean().optional(),
      backbone: z.string().optional(),
      checksums: z.record(z.string(), z.string()),
    })
    .optional(),
});
export type Plan = z.infer<typeof planSchema>;

/** `genonnx-0.1.0-` and 16 hexadecimal digits. */
export function queueNameOf(plan: Plan): string {
  const { tools, store, data } = plan;
  const version = (tools.genonnx ?? 'unknown').replace(/[^\w.-]/g, '_');
  return `genonnx-${version}-${hashOf({ tools, store, checksums: data?.checksums ?? {} }).slice(0, 16)}`;
}

/** `fashion-mnist, genonnx 0.1.0, onnxruntime 1.30.0` */
export function describePlan({ tools, data }: Plan): string {
  const versions = Object.entries(tools).map(([name, version]) => `${name} ${version}`);
  return [...(data === undefined ? [] : [data.name]), ...versions].join(', ');
}

/** Why a worker with these tools cannot do the jobs; undefined where it can, as far as its tools go. */
export function otherTools(plan: Plan, tools: Plan['tools']): string | undefined {
  const names = [...new Set([...Object.keys(plan.tools), ...Object.keys(tools)])];
  const differing = names.filter((name) => plan.tools[name] !== tools[name]);
  if (differing.length === 0) return undefined;
  return differing
    .map((name) => `${name} ${plan.tools[name] ?? 'none'} is wanted, and ${tools[name] ?? 'none'} is here`)
    .join('; ');
}

/** Why a worker with these checksums cannot do the jobs; undefined where its data is theirs. */
export function otherData(plan: Plan, checksums: Readonly<Record<string, string>>): string | undefined {
  const wanted = plan.data?.checksums ?? {};
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(checksums)])];
  const differing = names.find((name) => wanted[name] !== checksums[name]);
  if (differing === undefined) return undefined;
  return `${differing} of ${plan.data?.name ?? 'the data'} is another file here`;
}
