// HTML text that cannot be broken out of: the template escapes whatever it is given, unless it is markup already.

/** Text that is HTML, not to be escaped again. */
export class Markup {
  constructor(readonly text: string) {}
}

export type HtmlValue = string | number | Markup | undefined | readonly HtmlValue[];

/** A template of HTML: strings and numbers are escaped, markup is put in as it is, lists are joined. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + textOf(values[index - 1]) + part));
}

/** `text` with the characters that mean something in HTML written as references. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => references[character] ?? character);
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function textOf(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(textOf).join('');
  return escapeHtml(String(value));
}
