import { describe, expect, it } from 'vitest';
import {
  latencyTableJsonSchema,
  parseLatencyTable,
  predictLatency,
  spreadOfNetworks,
} from '../../../../src/bench/cells/latency-table.js';
import { makeTable } from '../../../../src/bench/cells/make-table.js';
import { planCells } from '../../../../src/bench/cells/plan.js';
import { latencyCosts, operationLatencyMs } from '../../../../src/bench/cells/search-costs.js';
import { operationMask } from '../../../../src/estimators/groups.js';
import { codeOfGenotype } from '../../../../src/spaces/code.js';
import {
  type ConvolutionalGenotype,
  convolutionalSpace,
  PRIMITIVES,
} from '../../../../src/spaces/convolutional.js';
import { resultsOf } from '../results-case.js';
import { latencyMs, measuredOn, networkOf } from './device.js';

const primitives = PRIMITIVES.filter((name) => name !== 'none');
const image = { channels: 3, height: 32, width: 32 };
const plans = {
  cifar: planCells({
    network: { name: 'cifar', cells: 6, initChannels: 8, classes: 10, image },
    primitives,
    batch: 2,
    foldBatchNorm: true,
    genotypes: 8,
    seed: 3,
  }),
  imagenet: planCells({
    network: {
      name: 'imagenet',
      cells: 4,
      initChannels: 8,
      classes: 10,
      image: { channels: 3, height: 64, width: 64 },
    },
    primitives,
    batch: 1,
    foldBatchNorm: true,
    genotypes: 8,
    seed: 4,
  }),
};
const facts = {
  tool: 'genonnx 0.1.0',
  measuredAt: '2026-01-02T03:04:05.678Z',
  device: resultsOf([]).device,
  threads: 2,
};
const table = makeTable(plans.cifar, measuredOn(plans.cifar, [1]), facts);

describe('a table of a device with exact prices', () => {
  it.each([
    ['cifar', 128 * 8 * 8],
    ['imagenet', 128 * 2 * 2],
  ] as const)('predicts every %s network', (name, lastOutput) => {
    const plan = plans[name];
    const { prediction } = makeTable(plan, measuredOn(plan, [1]), facts);
    expect(prediction?.networks).toHaveLength(8);
    // What the sum has and a network has not: the ReLU behind the last cell, the pooling and the matrix product of the
    // call, its addition, and one of the head's (of logits: ten an image).
    const numbers = 0.17 * lastOutput + 2 * 3 + 0.01 * 3 * 10 + 0.23 * 2 * 10;
    const surplus = (plan.options.batch * numbers) / 1000;
    for (const { predictedMs, measuredMs } of prediction?.networks ?? [])
      expect(predictedMs - measuredMs).toBeCloseTo(surplus, 8);
    expect(prediction?.quality.kendall).toBe(1);
    // Alone, every part has the costs of a call.
    expect(prediction?.qualityAlone.meanPercentageError).toBeGreaterThan(20);
  });

  it('has the prices in it', () => {
    const extent = { channels: 8, height: 32, width: 32 };
    const thousands = (2 * 8 * 32 * 32) / 1000;
    const of = (operation: (typeof primitives)[number]) => operationLatencyMs(table, operation, extent, 1);
    const addition = 0.23 * thousands;
    expect(of('skip_connect')).toBeCloseTo(addition, 9);
    expect(of('max_pool_3x3')).toBeCloseTo(0.9 * thousands + addition, 9);
    expect(of('avg_pool_3x3')).toBeCloseTo(1.3 * thousands + addition, 9);
    // Convolutions take up their addition: depthwise 9 multiply-adds a number, pointwise 8.
    expect(of('dil_conv_3x3')).toBeCloseTo(0.01 * thousands * (9 + 8), 9);
    expect(of('sep_conv_3x3')).toBeCloseTo(0.01 * thousands * 2 * (9 + 8), 9);
    expect(of('conv_7x1_1x7')).toBeCloseTo(0.01 * thousands * 8 * 14, 9);
    const relu = table.entries.find(({ part, channels }) => part === 'relu' && channels === 8);
    expect(relu?.medianMs).toBeCloseTo(0.17 * thousands, 9);
    const concat = table.entries.find(({ part, channels }) => part === 'concat' && channels === 8);
    expect(concat?.medianMs).toBeCloseTo((0.31 + 0.17) * 4 * thousands, 9);
  });

  it('knows what a stride costs', () => {
    const extent = { channels: 16, height: 32, width: 32 };
    const result = (2 * 16 * 16 * 16) / 1000;
    expect(operationLatencyMs(table, 'max_pool_3x3', extent, 2)).toBeCloseTo((0.9 + 0.23) * result, 9);
    expect(operationLatencyMs(table, 'dil_conv_3x3', extent, 2)).toBeCloseTo(0.01 * result * (9 + 16), 9);
    // The batch norm of a FactorizedReduce leaves an addition behind it, and a ReLU before it is its map's.
    expect(operationLatencyMs(table, 'skip_connect', extent, 2)).toBeCloseTo(
      (0.7 + 2 * 0.23) * result + 0.01 * result * 16,
      9,
    );
  });

  it('takes the median over rounds that were slower or faster', () => {
    const slow = makeTable(plans.cifar, measuredOn(plans.cifar, [1, 1, 2, 0.5, 1]), facts);
    slow.entries.forEach(({ medianMs, lowMs, highMs, runs }, i) => {
      const exact = table.entries[i]!.medianMs;
      expect(medianMs).toBeCloseTo(exact, 9);
      expect(lowMs).toBeCloseTo(exact / 2, 9);
      expect(highMs).toBeCloseTo(2 * exact, 9);
      expect(runs).toBe(10);
    });
    expect(slow.rounds).toBe(5);
    expect(spreadOfNetworks(slow.prediction!)).toBeCloseTo(4, 9);
    expect(spreadOfNetworks(table.prediction!)).toBe(1);
  });

  it('refuses a plan of which something was not measured', () => {
    const measured = measuredOn(plans.cifar, [1]);
    const { [Object.keys(measured.roundsMs)[0]!]: _, ...roundsMs } = measured.roundsMs;
    expect(() => makeTable(plans.cifar, { ...measured, roundsMs }, facts)).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
  });
});

describe('predictLatency', () => {
  const { genotypes } = plans.cifar;

  const sums = table.prediction?.networks.map(({ predictedMs }) => predictedMs) ?? [];

  it('is the sum of the parts where no networks were measured, or too few', () => {
    const few = { ...table.prediction!, networks: table.prediction!.networks.slice(0, 4) };
    for (const prediction of [null, few])
      expect(genotypes.map((genotype) => predictLatency({ ...table, prediction }, genotype))).toEqual(sums);
  });

  it('lies on the line through the networks that were measured', () => {
    const { quality, networks } = table.prediction!;
    const many = { quality, networks: [...networks, ...networks, ...networks], qualityAlone: quality };
    genotypes.forEach((genotype, i) => {
      // On this device sums and latencies differ by one constant.
      const predicted = predictLatency({ ...table, prediction: many }, genotype);
      expect(predicted).toBeCloseTo(networks[i]!.measuredMs, 6);
      expect(Math.abs(predicted - sums[i]!)).toBeGreaterThan(1e-3);
    });
  });

  it('names a part that the table lacks', () => {
    const entries = table.entries.filter(({ operation }) => operation !== 'dil_conv_5x5');
    const withIt = genotypes.find(({ normal }) =>
      normal.nodes.flat().some(({ primitive }) => primitive === 'dil_conv_5x5'),
    );
    expect(() => predictLatency({ ...table, entries }, withIt!)).toThrow(/dil_conv_5x5 8->8 32x32/);
    expect(() => predictLatency({ ...table, entries }, withIt!)).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
  });
});

describe('latencyCosts', () => {
  const space = convolutionalSpace('measured', { nodes: 4, primitives: ['none', ...primitives] });
  const { costs, fixed } = latencyCosts(table, space);
  const sum = (genotype: ConvolutionalGenotype): number => {
    const code = codeOfGenotype(genotype, space);
    return code.reduce((total, entry, i) => total + entry * costs[i]!, fixed);
  };

  it('add up to the prediction where every node pools and every map has a ReLU of its own', () => {
    const cell = {
      nodes: [0, 1, 2, 3].map((node) =>
        [0, 1, 2, 3, 4].slice(0, node + 2).flatMap((input) => [
          { primitive: 'max_pool_3x3' as const, input },
          { primitive: 'sep_conv_3x3' as const, input },
        ]),
      ),
      concat: [2, 3, 4, 5],
    };
    const genotype = { normal: cell, reduce: cell };
    expect(sum(genotype)).toBeCloseTo(predictLatency(table, genotype), 6);
  });

  it('are near it for any genotype', () => {
    for (const genotype of plans.cifar.genotypes) {
      const exact = latencyMs(networkOf(plans.cifar, genotype));
      expect(Math.abs(sum(genotype) / exact - 1)).toBeLessThan(0.15);
    }
  });

  it('are 0 for none and positive for all others, in both cell types', () => {
    costs.forEach((cost, entry) => {
      if (operationMask(space)[entry] === 0) expect(cost).toBe(0);
      else expect(cost).toBeGreaterThan(0);
    });
  });
});

describe('the file', () => {
  it('comes back from its text', () => {
    expect(parseLatencyTable(JSON.stringify(table), 'latency-table.json')).toEqual(table);
  });

  it.each([
    ['another format', { ...table, format: 2 }],
    ['no entries', { ...table, entries: [] }],
    ['a stride that nothing has', { ...table, entries: [{ ...table.entries[0], stride: 3 }] }],
    ['a primitive that nobody knows', { ...table, primitives: ['conv_9x9'] }],
    ['a missing device', { ...table, device: undefined }],
  ])('is refused with %s', (_, wrong) => {
    const read = () => parseLatencyTable(JSON.stringify(wrong), 'latency-table.json');
    expect(read).toThrow(expect.objectContaining({ code: 'file-corrupt' }));
    expect(read).toThrow(/latency-table\.json/);
  });

  it('has a published schema that asks for the receipt', () => {
    expect(latencyTableJsonSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: expect.arrayContaining(['device', 'runtime', 'threads', 'batch', 'entries', 'prediction']),
      properties: { entries: { items: { required: expect.arrayContaining(['part', 'medianMs', 'lowMs']) } } },
    });
  });
});
