// The latency table of a plan and what was measured for it. Nothing is measured here.
import { GenonnxError } from '../../errors.js';
import { quantiles } from '../../quantiles.js';
import { printGenotype } from '../../spaces/print.js';
import type { Device } from '../receipt.js';
import type { LatencyEntry, LatencyTable, Prediction } from './latency-table.js';
import { sumOfParts } from './latency-table.js';
import type { Combination, Recipe } from './lone-models.js';
import type { Measured } from './measured.js';
import { networkParts } from './network-parts.js';
import { type CellsPlan, networkName } from './plan.js';
import { predictionQuality } from './prediction-quality.js';

export interface TableFacts {
  readonly tool: string;
  readonly measuredAt: string;
  readonly device: Device;
  readonly threads: number;
}

/** @throws GenonnxError `usage` where a model of the plan was not measured. */
export function makeTable(plan: CellsPlan, measured: Measured, facts: TableFacts): LatencyTable {
  const { options, recipes } = plan;
  const entries = recipes.map((recipe) => entryOf(recipe, measured));
  return {
    format: 1,
    ...facts,
    runtime: measured.runtime,
    provider: 'cpu',
    optimization: 'all',
    foldBatchNorm: options.foldBatchNorm,
    batch: options.batch,
    readBytes: plan.weightBytes,
    rounds: Math.min(...Object.values(measured.roundsMs).map((rounds) => rounds.length)),
    network: options.network,
    primitives: [...options.primitives],
    entries,
    prediction: predictionOf(plan, measured, entries),
  };
}

function entryOf({ part, cost, alone }: Recipe, measured: Measured): LatencyEntry {
  const quantile = quantiles(combine(cost, measured));
  const models = cost.map(([, model]) => roundsOf(model.name, measured));
  return {
    ...part,
    medianMs: quantile(0.5),
    lowMs: quantile(0.1),
    highMs: quantile(0.9),
    aloneMs: alone === null ? null : quantiles(medians(roundsOf(alone.name, measured)))(0.5),
    runs: Math.min(...models.map((rounds) => rounds.reduce((sum, { length }) => sum + length, 0))),
  };
}

/** The combination in each round: what slowed the machine in one of them is in all of its latencies. */
function combine(cost: Combination, measured: Measured): number[] {
  const terms = cost.map(([factor, { name }]) =>
    medians(roundsOf(name, measured)).map((latency) => factor * latency),
  );
  return (terms[0] ?? []).map((_, round) => terms.reduce((sum, term) => sum + (term[round] ?? 0), 0));
}

function predictionOf(
  { options, genotypes }: CellsPlan,
  measured: Measured,
  entries: LatencyEntry[],
): Prediction | null {
  if (genotypes.length === 0) return null;
  const networks = genotypes.map((genotype, index) => {
    const parts = networkParts(options.network, genotype);
    const quantile = quantiles(medians(roundsOf(networkName(index), measured)));
    return {
      genotype: printGenotype(genotype),
      predictedMs: sumOfParts({ entries }, parts, ({ medianMs }) => medianMs),
      aloneMs: sumOfParts({ entries }, parts, ({ aloneMs }) => aloneMs ?? 0),
      measuredMs: quantile(0.5),
      lowMs: quantile(0.1),
      highMs: quantile(0.9),
    };
  });
  const quality = (of: 'predictedMs' | 'aloneMs') =>
    predictionQuality(networks.map((network) => ({ predicted: network[of], measured: network.measuredMs })));
  return { networks, quality: quality('predictedMs'), qualityAlone: quality('aloneMs') };
}

function roundsOf(name: string, { roundsMs }: Measured): readonly (readonly number[])[] {
  const rounds = roundsMs[name];
  if (rounds !== undefined) return rounds;
  throw new GenonnxError('usage', 'A model of the plan was not measured.', { where: name });
}

function medians(rounds: readonly (readonly number[])[]): number[] {
  return rounds.map((latenciesMs) => quantiles(latenciesMs)(0.5));
}
