// The page around a report: one self-contained HTML document, with no scripts and nothing to load.
import { escapeHtml, type Markup } from './html.js';
import { styleSheet } from './style.js';

export function page(title: string, body: Markup): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<style>${styleSheet}</style>
</head>
<body>
${body.text}
</body>
</html>
`;
}
