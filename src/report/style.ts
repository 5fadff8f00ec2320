// The style sheet of a report: system fonts, two colour schemes, one column on a phone. Charts and cell drawings take
// their colours from the variables.

/** Variables of the primitives' colours, in the order of the columns; distinct to most kinds of colour vision. */
export const primitiveColours = ['--p0', '--p1', '--p2', '--p3', '--p4', '--p5', '--p6', '--p7'] as const;

export const styleSheet = `
:root {
  color-scheme: light dark;
  --ink: #1c2026; --muted: #5c6570; --rule: #dfe3e8; --page: #ffffff; --card: #f6f7f9;
  --train: #0b67b2; --held: #c2410c; --child: #15803d; --warning: #fff4d6; --warning-ink: #6b4a00;
  --p0: #9aa1ab; --p1: #b45309; --p2: #e0a100; --p3: #111827; --p4: #0b67b2; --p5: #57a8e6; --p6: #15803d; --p7: #a21caf;
  --input-fill: #dbeafe; --state-fill: #eef1f4; --output-fill: #dcfce7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e7eaee; --muted: #a3acb8; --rule: #343b45; --page: #14171c; --card: #1d2229;
    --train: #6cb6ff; --held: #ff9e64; --child: #6fd68f; --warning: #3d3210; --warning-ink: #ffe3a0;
    --p0: #7d8590; --p1: #f59e5b; --p2: #f2d04b; --p3: #f4f6f8; --p4: #4f9cf0; --p5: #a5d4ff; --p6: #6fd68f; --p7: #e38bf0;
    --input-fill: #1e3a5f; --state-fill: #2a313a; --output-fill: #1d4430;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 40px 20px 64px; }
h1 { font-size: 32px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 22px; margin: 48px 0 4px; }
h3 { font-size: 16px; margin: 20px 0 6px; }
h4 { font-size: 14px; font-weight: 600; margin: 0; }
p { margin: 4px 0 12px; max-width: 75ch; }
.muted, figcaption { color: var(--muted); }
.subtitle { color: var(--muted); margin: 0; overflow-wrap: anywhere; }
.warnings { background: var(--warning); color: var(--warning-ink); border-radius: 8px; padding: 12px 16px 12px 34px; margin: 20px 0 0; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 24px 0 0; }
.figures div { background: var(--card); border-radius: 8px; padding: 12px 16px; }
.figures dt { color: var(--muted); font-size: 14px; }
.figures dd { margin: 0; font-size: 26px; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.3; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 24px; margin-top: 12px; }
.node { margin-top: 14px; }
.edges { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 10px 14px; margin-top: 4px; align-items: end; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 480px)); gap: 12px 40px; margin-top: 12px; }
figure.plot { max-width: 480px; }
figure { margin: 0; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { font-size: 14px; }
blockquote { margin: 16px 0 4px; padding-left: 14px; border-left: 3px solid var(--rule); max-width: 72ch; overflow-wrap: anywhere; }
blockquote p { margin: 0 0 6px; }
.edges figcaption { font-size: 13px; }
.charts h4 { color: var(--ink); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; list-style: none; padding: 0; margin: 2px 0; font-size: 14px; }
.legend li { display: flex; align-items: center; gap: 6px; white-space: nowrap; }
.legend i { width: 18px; border-top: 3px solid; }
.legend i.dashed { border-top-style: dashed; }
.scroll { overflow-x: auto; }
.drawing { overflow-x: auto; }
.drawing svg { min-width: 560px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 15px; width: 100%; }
th, td { text-align: right; padding: 7px 10px; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { color: var(--muted); font-weight: 600; font-size: 14px; white-space: normal; vertical-align: bottom; }
th:last-child, td:last-child { padding-right: 0; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
.configuration td { text-align: left; white-space: normal; overflow-wrap: anywhere; font: 14px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; vertical-align: top; }
th.text, td.text { text-align: left; }
.confusions { --strength: 0%; width: auto; font-size: 13px; }
.confusions th { font-size: 13px; font-weight: 400; vertical-align: bottom; }
.confusions th, .confusions td { padding: 4px 6px; border: 1px solid var(--page); }
.confusions tbody th { position: sticky; left: 0; background: var(--page); text-align: right; white-space: nowrap; padding-right: 10px; color: var(--ink); }
.confusions thead th { height: 84px; padding: 4px 0; min-width: 40px; text-align: center; white-space: nowrap; }
.confusions thead span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); }
.confusions td { text-align: center; background: var(--card); }
.confusions td[style] { background: color-mix(in srgb, var(--held) calc(0.8 * var(--strength)), var(--card)); }
.confusions td.right { background: color-mix(in srgb, var(--train) calc(0.45 * var(--strength)), var(--card)); }
details { margin-top: 12px; }
summary { cursor: pointer; color: var(--muted); }
pre { background: var(--card); border-radius: 8px; padding: 14px 16px; white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.drawing text { fill: var(--ink); }
.drawing .node path { stroke: var(--muted); fill: var(--state-fill); }
.drawing .input path { fill: var(--input-fill); }
.drawing .output path { fill: var(--output-fill); }
.drawing .edge path { stroke: var(--muted); }
.drawing .edge polygon { stroke: var(--muted); fill: var(--muted); }
.drawing .concat path { stroke-dasharray: 4 3; }
.swatch { display: inline-block; width: 14px; height: 14px; margin-right: 8px; border: 1px solid var(--rule); border-radius: 3px; vertical-align: -2px; }
.legend .swatch { width: 14px; border-top: 1px solid var(--rule); margin-right: 0; }
.share { display: inline-block; height: 8px; margin-right: 8px; border-radius: 2px; background: var(--train); }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 500px), 1fr)); gap: 20px 32px; margin-top: 14px; }
.sample { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
.sample img { display: block; width: 100%; height: auto; border-radius: 4px; image-rendering: pixelated; }
.sample span { color: var(--muted); font-size: 13px; }
@media (max-width: 600px) { h1 { font-size: 26px; } main { padding-top: 24px; } .edges { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media print { details > * { display: block; } }
`;
