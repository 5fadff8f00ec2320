// The README.md of a site: how to serve it, and which file is what.

export function labReadme(webgpu: boolean): string {
  return `# Searches in the browser

A page on which cells are searched and networks trained on this device, with nothing to install: on 6,000 images of Fashion-MNIST, which
lie in this folder as everything else does. Runs stay in the browser's own storage, and go on where a tab was closed.

## Serve

From any web server, for instance

    npx serve .
    python3 -m http.server

and open the address that it prints. \`npx serve\` reads \`serve.json\`, Cloudflare Pages and Netlify read \`_headers\`: both say that the page
may use several threads. Elsewhere have the server send \`Cross-Origin-Opener-Policy: same-origin\` and
\`Cross-Origin-Embedder-Policy: require-corp\`, or the page computes with one. Other addresses than localhost need https: without it
browsers give a page neither storage nor threads, and it says so. The server should send \`.wasm\` as \`application/wasm\`, \`.mjs\` as
\`text/javascript\`, and compress both.

## Take a run along

The page packs a run into a ZIP file. Unpacked, it is a run folder of genonnx:

    genonnx search --resume search-1
    genonnx report search-1 --out report.html

## Files

| file | what it is |
|---|---|
| \`index.html\`, \`assets/\` | the page, and the worker in which runs are made |
| \`data/\` | the images, as they come with genonnx |
| \`onnxruntime/\` | onnxruntime-web for the processor${webgpu ? ', and for the graphics processor, fetched where the browser offers one' : ''} |
| \`_headers\`, \`serve.json\` | what hosts are to send so that the page may use threads |
`;
}
