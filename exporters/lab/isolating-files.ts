// Pages may share memory between threads where their host sends two headers. Hosts of static files take them from files in the
// folder, each by its own name.

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
} as const;

const lines = Object.entries(headers).map(([key, value]) => `  ${key}: ${value}\n`);
const list = Object.entries(headers).map(([key, value]) => ({ key, value }));

/** `_headers` is read by Cloudflare Pages and Netlify, `serve.json` by `npx serve`. */
export const isolatingFiles: readonly { readonly path: string; readonly content: string }[] = [
  { path: '_headers', content: `/*\n${lines.join('')}` },
  {
    path: 'serve.json',
    content: `${JSON.stringify({ headers: [{ source: '**', headers: list }] }, null, 2)}\n`,
  },
];
