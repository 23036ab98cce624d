/** What the page is made of: tables, figures, texts of others. Everything that is not one of these templates is escaped. */
import { html, raw } from 'hono/html';
import { harmless, harmlessLine } from '../../harmless';

export type Html = ReturnType<typeof html>;

export const NOTHING: Html = html``;

/** A name that somebody gave: its own direction of writing, and no control in it. */
export function named(text: string): Html {
  return html`<bdi>${harmlessLine(text)}</bdi>`;
}

export interface Column<Row> {
  heading: string;
  cell(row: Row): Html | string | number;
  /** Words stand to the left; numbers, which is what there is if nothing is said, to the right. */
  words?: boolean;
}

/** The first column names the row. Where there is no room it scrolls in a box of its own. @param broad wider than the text. */
export function dataTable<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { classOf = () => '', broad = false }: { classOf?: (row: Row) => string; broad?: boolean } = {},
): Html {
  const [first, ...rest] = columns;
  const side = ({ words }: Column<Row>) => (words ? 'words' : 'number');
  return html`<div class="${broad ? 'table broad' : 'table'}"><p class="caption">${caption}</p>
<div class="scroll" role="group" aria-label="${caption}" tabindex="0"><table aria-label="${caption}">
<thead><tr>${columns.map((column, i) => html`<th scope="col" class="${i === 0 ? 'words' : side(column)}">${column.heading}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) => html`
<tr class="${classOf(row)}"><th scope="row">${first?.cell(row)}</th>${rest.map(
      (column) => html`<td class="${side(column)}">${column.cell(row)}</td>`,
    )}</tr>`,
  )}
</tbody></table></div></div>`;
}

/** Names and what they stand for, line by line. */
export function facts(lines: readonly (readonly [name: string, value: Html | string | number])[]): Html {
  return html`<dl class="facts">${lines.map(
    ([name, value]) => html`
<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}
</dl>`;
}

/** @param label what the picture shows, in words. @param svg drawn by us: not escaped. */
export function figure(label: string, svg: string | { wide: string; narrow: string }): Html {
  // The figure as a whole is the picture: its label says what its parts cannot.
  const picture = (text: string) => raw(text.replace('<svg ', '<svg aria-hidden="true" focusable="false" '));
  const drawn =
    typeof svg === 'string'
      ? picture(svg)
      : html`<div class="wide">${picture(svg.wide)}</div><div class="narrow">${picture(svg.narrow)}</div>`;
  return html`<figure role="img" aria-label="${harmlessLine(label)}">${drawn}</figure>`;
}

export function section(id: string, title: string, content: Html): Html {
  return html`
<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>`;
}

/** Beyond this a text is folded. */
const FOLDED = { characters: 900, lines: 14 };
/** Of a longer one the rest is left out, and said so. */
const MOST_CHARACTERS = 20_000;

/** What a model or a person wrote: as it is, with controls made visible, folded where it is long. */
export function writtenText(text: string): Html {
  const shown = harmless(text.length > MOST_CHARACTERS ? text.slice(0, MOST_CHARACTERS).toWellFormed() : text);
  const missing = text.length - MOST_CHARACTERS;
  const rest = missing > 0 ? html`<p class="note">${missing} more characters are left out here.</p>` : NOTHING;
  const whole = html`<pre class="text" dir="auto">${shown}</pre>${rest}`;
  const beginning = beginningOf(shown);
  if (beginning === undefined) return whole;
  return html`<details class="fold"><summary><span class="text" dir="auto">${beginning}…</span> <span class="more">all of it</span></summary>${whole}</details>`;
}

function beginningOf(text: string): string | undefined {
  const lines = text.split('\n');
  if (text.length <= FOLDED.characters && lines.length <= FOLDED.lines) return undefined;
  return lines.slice(0, 4).join('\n').slice(0, 300).toWellFormed();
}
