// How every page begins: with the colours and the type of reports, in the element that its HTML has for it.
import { render, type VNode } from 'preact';
import { styleSheet } from '../../src/report/style.js';

/** Shows `content` as the page. */
export function showPage(content: VNode): void {
  // A sheet of its own, since the pages' policy allows no styles inside of the HTML.
  const sheet = new CSSStyleSheet();
  // In a layer, so that what a page adds has the last word.
  sheet.replaceSync(`@layer report {${styleSheet}}`);
  document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
  const place = document.getElementById('page');
  if (place === null) throw new Error('This page has no element named page.');
  render(content, place);
}
