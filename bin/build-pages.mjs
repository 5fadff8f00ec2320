// Builds the pages in pages/ for browsers, each into a folder of dist/pages/ with everything that it needs.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Each is a folder of pages/ with an index.html. A further page is a further name. */
const pages = ['live', 'lab'];

export async function buildPages() {
  for (const page of pages) {
    await build({
      configFile: false,
      root: fileURLToPath(new URL(`../pages/${page}/`, import.meta.url)),
      // Whatever path a page is served under.
      base: './',
      // Results of commands go to standard output.
      logLevel: 'warn',
      worker: { format: 'es' },
      build: {
        outDir: fileURLToPath(new URL(`../dist/pages/${page}/`, import.meta.url)),
        emptyOutDir: true,
        target: 'es2022',
        // The pages' policies allow no scripts and no data inside of the HTML.
        modulePreload: { polyfill: false },
        assetsInlineLimit: 0,
        reportCompressedSize: false,
      },
    });
  }
}
