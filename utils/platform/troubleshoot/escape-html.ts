/** Owns the writing of HTML: whatever is put into a template is escaped, unless it is a template's own result. */

/** Text that is HTML already. Only {@link html} makes it. */
export class Html {
  constructor(readonly text: string) {}
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (value: unknown): string =>
  String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] as string);

function written(value: unknown): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(written).join("");
  return value === undefined ? "" : escaped(value);
}

/** Tag of a template: text and numbers are escaped, lists are joined, `undefined` is nothing. */
export function html(texts: TemplateStringsArray, ...values: readonly unknown[]): Html {
  return new Html(texts.reduce((all, text, index) => all + written(values[index - 1]) + text));
}
