/** Text in lines of a given width. */

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|\ufe0f|[\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const WIDTHLESS = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const ASCII = /^[\x20-\x7e]*$/;
const TAB = '    ';

/** Columns that a text without controls takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += columnsOf(segment);
  return width;
}

function columnsOf(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2;
  return WIDTHLESS.test(grapheme) ? 0 : 1;
}

/** Breaks after spaces, and inside words that are longer than a line; what is indented or aligned stays so. */
export function wrap(text: string, width: number): string[] {
  const within = Math.max(2, width);
  return text
    .replaceAll('\t', TAB)
    .split('\n')
    .flatMap((line) => (ASCII.test(line) && line.length <= within ? [line] : broken(line, within)));
}

function broken(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  let columns = 0;
  for (const word of line.match(/ *[^ ]+| +$/g) ?? ['']) {
    const wide = widthOf(word);
    if (columns + wide <= width) {
      current += word;
      columns += wide;
      continue;
    }
    const first = lines.length === 0 && current === '';
    if (!first) lines.push(current);
    const pieces = cut(first ? word : word.replace(/^ +/, ''), width);
    current = pieces.pop() ?? '';
    columns = widthOf(current);
    lines.push(...pieces);
  }
  return [...lines, current];
}

/** A word in pieces of at most a line. */
function cut(word: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let columns = 0;
  for (const { segment } of graphemes.segment(word)) {
    const wide = columnsOf(segment);
    if (columns + wide > width) {
      pieces.push(piece);
      piece = '';
      columns = 0;
    }
    piece += segment;
    columns += wide;
  }
  return [...pieces, piece];
}

/** The text beside a mark; its further lines stand under its first. */
export function beside(mark: string, text: string, width: number): string[] {
  const margin = widthOf(mark);
  return wrap(text, width - margin).map((line, i) => (i === 0 ? mark : ' '.repeat(margin)) + line);
}
