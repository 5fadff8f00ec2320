// The examples do what they say, on what was built.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { inspect } from '../../src/deploy/model-report.js';
import { parseGenotype } from '../../src/spaces/parse.js';
import { launchBrowser, noBrowser } from '../support/browser.js';
import { type Example, example, javaScriptOf, readmeExamples } from '../support/examples.js';
import { repository } from '../support/package.js';
import { serve } from '../support/static-server.js';
import { freshFolder } from './command.js';

/** Runs a program in a fresh folder. */
async function run(program: Example, args: readonly string[] = [], env: Record<string, string> = {}) {
  const folder = freshFolder();
  const { stdout, stderr } = await execa(process.execPath, [await javaScriptOf(program), ...args], {
    cwd: folder,
    env,
  });
  return { stdout, stderr, file: (name: string) => new Uint8Array(readFileSync(join(folder, name))) };
}

describe('an example', () => {
  it('writes the network of a genotype to a file, and finds that it computes what it should', async () => {
    const { stdout, file } = await run(example('genotype-to-onnx.ts'));
    const { parameters, macs } = inspect(file('model.onnx'));
    expect(stdout).toContain(`${parameters} parameters, ${macs} multiply-adds`);
    expect(stdout).toContain('agrees with the float64 interpreter');
  });

  it('searches until its time is up', async () => {
    const { stdout, stderr } = await run(example('search-a-minute.ts'), ['1'], { SMALLEST: '1' });
    expect(stderr).toContain('as far as the time went');
    const genotype = parseGenotype(stdout);
    expect(genotype.normal.nodes).toHaveLength(4);
  });

  it('of the README writes a model', async () => {
    const [first, ...others] = readmeExamples();
    expect(others).toEqual([]);
    const { file } = await run(first ?? example('none'));
    expect(inspect(file('model.onnx')).metadata.genotype).toContain('dil_conv_3x3');
  });

  it.skipIf(noBrowser !== undefined)(
    `draws and compiles in a page${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`,
    async () => {
      const { outputFiles } = await build({
        entryPoints: [join(repository, 'examples/page/page.ts')],
        bundle: true,
        write: false,
        format: 'esm',
        logLevel: 'silent',
      });
      const html = readFileSync(join(repository, 'examples/page/index.html'), 'utf8');
      const server = await serve([
        { path: 'index.html', content: html },
        { path: 'page.js', content: outputFiles[0]?.text ?? '' },
      ]);
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage();
        const problems: string[] = [];
        page.on('pageerror', ({ message }) => problems.push(message));
        await page.goto(`${server.url}index.html`);
        await page.locator('#cells svg').nth(1).waitFor();
        const [saved] = await Promise.all([page.waitForEvent('download'), page.locator('a').click()]);
        const { parameters, macs, metadata } = inspect(new Uint8Array(readFileSync(await saved.path())));
        expect(metadata.genotype).toContain('dil_conv_3x3');
        const figures = `${parameters?.toLocaleString('en')} parameters, ${macs?.toLocaleString('en')} multiply-adds`;
        expect(await page.locator('output').textContent()).toBe(figures);
        await page.locator('textarea').fill('Genotype(normal=[');
        await page.locator('output', { hasText: 'expected' }).waitFor();
        expect(problems).toEqual([]);
      } finally {
        await browser.close();
        await server.close();
      }
    },
  );
});
