// The page's bench, asked from outside.
import type * as Ort from 'onnxruntime-web';
import { openPageBench, type PageBench, type PageSetup } from './page-bench.js';
import type { Place } from './place.js';

/**
 * Loads the runtime into the page. What the returned bench rejects with is that of `Place.ask`.
 * @throws PageError where the runtime is not to be had.
 */
export async function remoteBench(
  { page, ask }: Place,
  moduleUrl: string,
  setup: Omit<PageSetup, 'ort'>,
): Promise<PageBench> {
  const ort = await ask(page.evaluateHandle<typeof Ort>(`import(${JSON.stringify(moduleUrl)})`));
  const bench = await ask(page.evaluateHandle(openPageBench, { ort, ...setup }));
  return {
    start: (probe) => ask(bench.evaluate((there, argument) => there.start(argument), probe)),
    fetchModel: (model) => ask(bench.evaluate((there, argument) => there.fetchModel(argument), model)),
    createSession: (session) =>
      ask(bench.evaluate((there, argument) => there.createSession(argument), session)),
    feed: (inputs) => ask(bench.evaluate((there, argument) => there.feed(argument), inputs)),
    run: (runs) => ask(bench.evaluate((there, argument) => there.run(argument), runs)),
    copy: (times) => ask(bench.evaluate((there, argument) => there.copy(argument), times)),
    endProfiling: () => ask(bench.evaluate((there) => there.endProfiling())),
  };
}
