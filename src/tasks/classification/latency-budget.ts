// A budget in milliseconds: what each entry of a code costs in the network that will be trained, as a latency table of that
// network has it. The costs are part of a run's settings, so that the run goes on wherever the table's file is by then, and
// the checksum says which table they are from.
import { z } from 'zod';
import { GenonnxError } from '../../errors.js';
import { networkSchema } from '../../networks/network-limits.js';
import { differences } from '../../runs/differences.js';
import { asJson } from '../../runs/json.js';
import { joinSections, type SearchSpace } from '../../spaces/search-space.js';
import type { ChildCosts, ChildSizes } from './child-costs.js';

/** Milliseconds a batch, in the order of the entries. */
const entryCosts = z.array(z.number());

export const latencySchema = z.object({
  /** Of the table's file. */
  sha256: z.string(),
  /** What the table was measured for. */
  network: networkSchema.omit({ auxiliary: true, batch: true }),
  /** Of each entry of a cell type, over all cells of the type. */
  costs: z.record(z.string(), entryCosts),
  /** Of what every child has. */
  fixed: z.number(),
});
/** What a latency table says of a network that will be trained. */
export type Latency = z.infer<typeof latencySchema>;

/** Milliseconds a batch of the table. @throws GenonnxError `usage` for another child than the one that was measured. */
export function latencyChildCosts(latency: Latency, sizes: ChildSizes, space: SearchSpace): ChildCosts {
  requireMeasured(latency, sizes);
  return { costs: joinSections(space, latency.costs), fixed: latency.fixed };
}

/** @throws GenonnxError `usage` for another child than the one that was measured. */
export function requireMeasured(
  { network }: Latency,
  { name, cells, channels, classes, image }: ChildSizes,
): void {
  const child: Latency['network'] = { name, cells, initChannels: channels, classes, image };
  const differing = differences(asJson(child), asJson(network));
  if (differing.length === 0) return;
  const list = (side: 'expected' | 'found') =>
    differing.map((difference) => `${difference.path} = ${JSON.stringify(difference[side])}`).join(', ');
  throw new GenonnxError('usage', 'The latency table is of another network than the budget.', {
    where: '`latency`',
    expected: list('expected'),
    found: list('found'),
    cure: `Measure this one: genonnx bench cells \`network\` ${name} \`cells\` ${cells} \`initChannels\` ${channels} \`classes\` ${classes} \`image\` ${image.height}x${image.width}x${image.channels}.`,
  });
}
