// A timed supernet step: which of its candidates run, and what its runs came to.
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { timePartSchema } from './profile-summary.js';

const draws = z.int().min(1);

/** Every candidate; the union of n uniform draws on each edge; or n candidates of each node. */
export const gatePatternSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.enum(['edge', 'node']), draws }),
]);
/** Which candidates of a supernet run. */
export type GatePattern = z.infer<typeof gatePatternSchema>;

/** @throws GenonnxError `usage` for anything but `all`, `edge:N`, `node:N`. */
export function parseGates(text: string): GatePattern {
  if (text === 'all') return { kind: 'all' };
  const [, kind, count] = /^(edge|node):([1-9]\d?)$/.exec(text) ?? [];
  if (kind === 'edge' || kind === 'node') return { kind, draws: Number(count) };
  throw new GenonnxError('usage', 'There is no such pattern of gates.', {
    where: '`gates`',
    expected: 'all, edge:N or node:N',
    found: text,
    cure: 'Pass for example `gates` node:4.',
  });
}

const milliseconds = z.number();

export const stepTimingSchema = z.object({
  medianMs: milliseconds,
  p10Ms: milliseconds,
  p90Ms: milliseconds,
  /** Creating the runtime's session; lowering the graph to ONNX comes before. */
  sessionMs: milliseconds,
  loweringMs: milliseconds,
  peakRssBytes: z.number(),
  /** Multiply-adds of convolutions and matrix products, forward and backward, as if all candidates ran. */
  macs: z.number(),
  /** Of all results together, as if all candidates ran: what a step writes, and at least once reads. */
  resultBytes: z.number(),
  layout: z.string(),
  nodes: z.int(),
  /**
   * Where the time of a step goes, by ONNX operator, the slowest first, where that was asked for. From the runtime's profile of other
   * runs, which takes some microseconds of each node besides.
   */
  operators: z.array(timePartSchema).optional(),
});
/** What the runs of a step came to. */
export type StepTiming = z.infer<typeof stepTimingSchema>;
