// The scripts of docs/many-machines.md, as far as one machine can check them: that they are whole, and name what there is.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createProgram } from '../../src/cli/program.js';

const text = readFileSync(new URL('../../docs/many-machines.md', import.meta.url), 'utf8');

/** The indented block of the page that begins with these words. */
function blockOf(beginning: string): string {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`    ${beginning}`));
  const rest = lines.slice(first);
  const length = rest.findIndex((line) => line !== '' && !line.startsWith('    '));
  return rest
    .slice(0, length)
    .map((line) => line.slice(4))
    .join('\n');
}

const jobSchema = z.object({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    completionMode: z.literal('Indexed'),
    completions: z.int(),
    parallelism: z.int(),
    backoffLimit: z.int(),
    template: z.object({
      spec: z.object({
        restartPolicy: z.literal('OnFailure'),
        containers: z.array(
          z.object({
            command: z.array(z.string()),
            volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
          }),
        ),
        volumes: z.array(
          z.object({ name: z.string(), persistentVolumeClaim: z.object({ claimName: z.string() }) }),
        ),
      }),
    }),
  }),
});

describe('the scripts of docs/many-machines.md', () => {
  it('have a job of Slurm that a shell reads, for the searched runs of the study', () => {
    const script = blockOf('#!/bin/bash');
    execFileSync('bash', ['-n'], { input: script });
    expect(script).toContain('#SBATCH --array=0-17');
    expect(script).toContain('--index "$SLURM_ARRAY_TASK_ID"');
  });

  it('have a Job of Kubernetes whose parts fit together', () => {
    const { template, completions } = jobSchema.parse(parse(blockOf('apiVersion: batch/v1'))).spec;
    expect(completions).toBe(18);
    const [container] = template.spec.containers;
    expect(container?.volumeMounts.map(({ name }) => name)).toEqual(
      template.spec.volumes.map(({ name }) => name),
    );
    const [shell, flag, command = ''] = container?.command ?? [];
    expect([shell, flag]).toEqual(['sh', '-c']);
    execFileSync('sh', ['-n'], { input: command });
    expect(command).toContain(container?.volumeMounts[0]?.mountPath);
    expect(command).toContain('--index "$JOB_COMPLETION_INDEX"');
  });

  it('name options that the commands have', async () => {
    for (const name of ['study', 'worker', 'experiment']) {
      const program = await createProgram([name]);
      const known = program.commands.flatMap((command) => command.options.map(({ long }) => long));
      const used = text
        .split('\n')
        .filter((line) => line.startsWith('    ') && line.includes(`genonnx ${name} `));
      for (const line of used)
        for (const [flag] of line.slice(line.indexOf(`genonnx ${name}`)).matchAll(/--[a-z-]+/g))
          expect(known, line).toContain(flag);
    }
  });
});
