// The text of a chart as ECharts writes it, made fit for a page that has several.

/** Without hover styles and fixed sizes, and with identifiers that do not depend on how many charts were drawn before. */
export function tidy(svg: string, id: string): string {
  return svg
    .replace(/<style\b.*?<\/style>/gs, '')
    .replace(/ (?:class="zr[^"]*"|ecmeta_\w+="[^"]*"|pointer-events="[^"]*")/g, '')
    .replace(/zr\d+-/g, `${id}-`)
    .replace(/<svg width="\d+" height="\d+"/, '<svg role="img"')
    .replace(/\n+/g, '\n');
}
