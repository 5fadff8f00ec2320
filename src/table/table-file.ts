// The file of a table: what every network of a space came to, seed by seed. It follows NAS-Bench-201 and NAS-Bench-Macro: an
// architecture string leads to lists by seed, and the parts of the data are called as the data has them.
//
//   cells[architecture][split][metric][seed][epoch]
//
// `seeds` and `epochs` say which seed and which epoch stands where: of `train` every epoch, of the other splits those that were
// evaluated. Null stands where a training failed, or is not done yet. An architecture is the network that it names: codes that
// differ in what the output does not depend on have one entry, which says how many they are; codes whose output nothing reaches
// are the entry without scores.
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { parseJson } from '../runs/json.js';
import { TASK_NAMES } from '../tasks/names.js';
import { declarationSchema } from './declaration.js';

export const tableFormat = 'genonnx-table';
export const tableVersion = 1;

/** By seed, then by epoch. */
const bySeed = z.array(z.array(z.number()).nullable());
const splitSchema = z.record(z.string(), bySeed);

const count = z.int().min(0);

const networkSchema = z.object({
  /** Codes of the space that are this network. */
  codes: z.int().min(1),
  /** Text form; each of its nodes has an operation, be it one that nothing depends on. */
  genotype: z.string(),
  parameters: count,
  /** Multiply-adds of one example. */
  macs: count,
  /** Of one example, where it was measured: the median. */
  latencyMs: z.number().positive().exactOptional(),
  /** Of the training, with its scores, by seed. */
  seconds: z.array(z.number().nullable()),
  train: splitSchema,
  validation: splitSchema.exactOptional(),
  test: splitSchema,
});
/** One network of a table. */
export type TableNetwork = z.infer<typeof networkSchema>;

const emptySchema = z.object({ codes: z.int().min(1) }).strict();

const cellTypeSchema = z.object({
  name: z.string(),
  inputs: z.int().min(1),
  nodes: z.int().min(1),
  /** The states that are the cell's output. */
  output: z.array(count),
  primitives: z.array(z.string()),
});

export const tableSchema = z.object({
  format: z.literal(tableFormat),
  version: z.literal(tableVersion),
  name: z.string(),
  task: z.enum(TASK_NAMES),
  space: z.object({ name: z.string(), cellTypes: z.array(cellTypeSchema) }),
  declaration: declarationSchema,
  /** Every setting of the trainings but genotype and seed. */
  recipe: z.record(z.string(), z.json()),
  data: z.object({
    name: z.string(),
    checksums: z.record(z.string(), z.string()),
    trainExamples: count,
    testExamples: count,
  }),
  /** What a network is judged by, the first of all, and which values of it are better. */
  metric: z.object({ name: z.string(), better: z.enum(['higher', 'lower']) }),
  seeds: z.array(z.int()),
  epochs: z.object({ train: z.array(z.int()), validation: z.array(z.int()), test: z.array(z.int()) }),
  tools: z.record(z.string(), z.string()),
  /** By architecture strings. */
  cells: z.record(z.string(), z.union([networkSchema, emptySchema])),
});
/** The file of a table. */
export type Table = z.infer<typeof tableSchema>;

/** A part of the data. */
export type Split = 'train' | 'validation' | 'test';

export function isNetwork(cell: Table['cells'][string]): cell is TableNetwork {
  return 'test' in cell;
}

/** The table in a text; `where` names it in errors. @throws GenonnxError `file-corrupt`, and `usage` for a version of the file that this one does not read. */
export function parseTable(text: string, where: string): Table {
  const head = parseJson(text, where, z.object({ format: z.literal(tableFormat), version: z.int() }));
  if (head.version !== tableVersion) {
    throw new GenonnxError('usage', 'This table is of another version of its format.', {
      where,
      expected: `version ${tableVersion}`,
      found: `version ${head.version}`,
      cure: 'Take a version of genonnx that is as new as the table.',
    });
  }
  return parseJson(text, where, tableSchema);
}

/** One network a line, as diffs and people read it. */
export function printTable({ cells, ...head }: Table): string {
  const lines = Object.entries(cells).map(
    ([architecture, cell]) => `    ${JSON.stringify(architecture)}: ${JSON.stringify(cell)}`,
  );
  const body = JSON.stringify(head, null, 2).replace(/\n\}$/, '');
  return `${body},\n  "cells": {\n${lines.join(',\n')}\n  }\n}\n`;
}

/** The JSON schema of the file, for whoever reads it elsewhere. */
export function tableJsonSchema(): object {
  return z.toJSONSchema(tableSchema, { io: 'output' });
}
